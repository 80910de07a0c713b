// Products of Q8_0, Q4_1, Q4_K and Q6_K weights with activations, for x86-64 processors with AVX-512 VNNI.
//
// llama.cpp's own code takes nearly as long for each further column of a small batch as for the first one. Here sixteen
// rows of weights are taken at once, transposed in registers, so that one instruction multiplies four bytes of each with
// four of a column's activations.
//
// Linked into llama.cpp's library of the CPU with --wrap (link.cmake): what is not for us goes on to the function that
// was there before. Figures in docs/decisions/kernels.md.
#include "ggml-cpu-impl.h"
#include "ggml-cpu.h"
#include "ggml.h"

#include <cstdint>
#include <cstring>

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && \
    defined(__AVX512VNNI__)
#define QUICK 1
#include <immintrin.h>
#else
#define QUICK 0
#endif

extern "C" {
bool __real_ggml_compute_forward_mul_mat_tiled(const ggml_compute_params * params, ggml_tensor * dst);
size_t __real_ggml_tiled_wdata_size(int threads, ggml_tensor * dst);
}

#if QUICK

namespace {

constexpr int BLOCK = 32;     // activations that share a scale; weights too, but in Q6_K, where 16 do
constexpr int SUPER = 256;    // weights of a block of the K formats
constexpr int GROUP = 16;     // rows of weights in a tile: the lanes of a register
constexpr int COLUMNS = 12;   // columns in a tile: accumulators that fit beside eight registers of weights
constexpr int AHEAD = 2048;   // bytes fetched ahead of a row: rows follow each other in memory
constexpr int CHUNKS = 8;     // pieces of work for each thread: one that is interrupted takes fewer of them
constexpr size_t LINE = 64;   // bytes of a cache line

inline __m256i bytes32(const void * at) { return _mm256_loadu_si256((const __m256i *) at); }
inline __m128i bytes16(const void * at) { return _mm_loadu_si128((const __m128i *) at); }
inline __m128i half(const void * at) {
    uint16_t bits;
    memcpy(&bits, at, sizeof(bits));
    return _mm_set1_epi16((short) bits);
}

// Activations in 8 bits. For each column and block: its scale, minus the sum of its integers, scale times that sum, and
// minus 32 times the sum of each half of its integers.
struct Columns {
    int64_t count, blocks;
    int8_t * integers;
    float * scales;
    int32_t * negated;
    float * totals;
    int32_t * halves;

    Columns(void * space, int64_t count, int64_t blocks) : count(count), blocks(blocks) {
        char * at = (char *) space;
        integers = (int8_t *) at;
        scales = (float *) (at += count * blocks * BLOCK);
        negated = (int32_t *) (at += count * blocks * sizeof(float));
        totals = (float *) (at += count * blocks * sizeof(int32_t));
        halves = (int32_t *) (at + count * blocks * sizeof(float));
    }

    static size_t size(int64_t count, int64_t blocks) {
        return count * blocks * (BLOCK + 2 * sizeof(float) + 3 * sizeof(int32_t));
    }

    void quantize(const float * from, int64_t column, int64_t block) {
        const __m512 low = _mm512_loadu_ps(from), high = _mm512_loadu_ps(from + BLOCK / 2);
        const float most = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(low), _mm512_abs_ps(high)));
        const __m512 factor = _mm512_set1_ps(most > 0 ? 127 / most : 0);
        const __m512i a = _mm512_cvtps_epi32(_mm512_mul_ps(low, factor));
        const __m512i b = _mm512_cvtps_epi32(_mm512_mul_ps(high, factor));
        const int64_t at = column * blocks + block;
        _mm_storeu_si128((__m128i *) (integers + at * BLOCK), _mm512_cvtsepi32_epi8(a));
        _mm_storeu_si128((__m128i *) (integers + at * BLOCK + BLOCK / 2), _mm512_cvtsepi32_epi8(b));
        const int32_t first = _mm512_reduce_add_epi32(a), second = _mm512_reduce_add_epi32(b), sum = first + second;
        scales[at] = most / 127;
        halves[2 * at] = -32 * first;
        halves[2 * at + 1] = -32 * second;
        negated[at] = -sum;
        totals[at] = scales[at] * (float) sum;
    }
};

// Sixteen bytes of each of sixteen rows, so that a register holds four bytes of every row.
inline void transpose(const char * at, size_t stride, __m512i * out) {
    __m512i in[4];
    for (int i = 0; i < 4; i++) {
        __m512i four = _mm512_castsi128_si512(bytes16(at + i * stride));
        four = _mm512_inserti32x4(four, bytes16(at + (i + 4) * stride), 1);
        four = _mm512_inserti32x4(four, bytes16(at + (i + 8) * stride), 2);
        in[i] = _mm512_inserti32x4(four, bytes16(at + (i + 12) * stride), 3);
    }
    const __m512i a = _mm512_unpacklo_epi32(in[0], in[1]), b = _mm512_unpackhi_epi32(in[0], in[1]);
    const __m512i c = _mm512_unpacklo_epi32(in[2], in[3]), d = _mm512_unpackhi_epi32(in[2], in[3]);
    out[0] = _mm512_unpacklo_epi64(a, c);
    out[1] = _mm512_unpackhi_epi64(a, c);
    out[2] = _mm512_unpacklo_epi64(b, d);
    out[3] = _mm512_unpackhi_epi64(b, d);
}

// Four bytes of each of sixteen rows by four integers of a column, COUNT times.
template <int COUNT>
inline __m512i dot(__m512i sum, const __m512i * weights, const int8_t * integers) {
    for (int k = 0; k < COUNT; k++) {
        int32_t four;
        memcpy(&four, integers + 4 * k, sizeof(four));
        sum = _mm512_dpbusd_epi32(sum, weights[k], _mm512_set1_epi32(four));
    }
    return sum;
}

inline __m512 scaled(__m512 sum, __m512i products, __m512 scales, float scale) {
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(products), _mm512_mul_ps(scales, _mm512_set1_ps(scale)), sum);
}

// 16-bit floats at `at` of sixteen rows.
inline __m512 floats(const char * at, size_t stride) {
    alignas(32) uint16_t halves[GROUP];
    for (int r = 0; r < GROUP; r++) memcpy(&halves[r], at + r * stride, sizeof(uint16_t));
    return _mm512_cvtph_ps(_mm256_load_si256((const __m256i *) halves));
}

inline __m512 low_floats(__m512i pairs) { return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(pairs)); }

// A format: how the blocks of sixteen rows become unsigned bytes, `weights`, 32 of each row at a time, and what of a
// column is added for them. WIDTH: weights of a block. SIZE: its bytes. TILED: columns from which tiles are faster than
// rows. open: what a block has in common. part: 32 weights of it. row: one row with one column.
struct Q8_0 {
    static constexpr int WIDTH = BLOCK, SIZE = 34, TILED = 2;  // scale, 32 signed bytes: multiplied as byte + 128
    __m512i weights[8];
    __m512 scales;

    void open(const char * at, size_t stride) { scales = floats(at, stride); }
    void part(const char * at, size_t stride, int) {
        transpose(at + 2, stride, weights);
        transpose(at + 18, stride, weights + 4);
        for (int i = 0; i < 8; i++) weights[i] = _mm512_xor_si512(weights[i], _mm512_set1_epi8((char) 0x80));
    }
    __m512 add(__m512 sum, const Columns & x, int64_t i) const {
        const __m512i first = _mm512_slli_epi32(_mm512_set1_epi32(x.negated[i]), 7);
        return scaled(sum, dot<8>(first, weights, x.integers + i * BLOCK), scales, x.scales[i]);
    }

    static float row(const char * at, const Columns & x, int64_t column) {
        __m256 sums[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
        for (int64_t b = 0; b < x.blocks; b++, at += SIZE) {
            _mm_prefetch(at + AHEAD, _MM_HINT_T0);
            const int64_t i = column * x.blocks + b;
            const __m256i weights = _mm256_xor_si256(bytes32(at + 2), _mm256_set1_epi8((char) 0x80));
            // a sixteenth of 256 for each of eight lanes: 128 in all
            const __m256i first = _mm256_slli_epi32(_mm256_set1_epi32(x.negated[i]), 4);
            const __m256i dot = _mm256_dpbusd_epi32(first, weights, bytes32(x.integers + i * BLOCK));
            const __m256 scale = _mm256_mul_ps(_mm256_cvtph_ps(half(at)), _mm256_set1_ps(x.scales[i]));
            sums[b & 1] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot), scale, sums[b & 1]);
        }
        return _mm512_reduce_add_ps(_mm512_insertf32x8(_mm512_castps256_ps512(sums[0]), sums[1], 1));
    }
};

// Q4_1 and Q4_K: four bits, and a least weight for every 32.
struct Nibbles {
    __m512i weights[8];
    __m512 scales, least;

    __m512 add(__m512 sum, const Columns & x, int64_t i) const {
        const __m512i products = dot<8>(_mm512_setzero_si512(), weights, x.integers + i * BLOCK);
        return _mm512_fmadd_ps(least, _mm512_set1_ps(x.totals[i]), scaled(sum, products, scales, x.scales[i]));
    }
};

struct Q4_1 : Nibbles {
    // scale, least, 32 times four bits: the low halves come first
    static constexpr int WIDTH = BLOCK, SIZE = 20, TILED = 1;

    void open(const char * at, size_t stride) {
        alignas(64) uint32_t pairs[GROUP];
        for (int r = 0; r < GROUP; r++) memcpy(&pairs[r], at + r * stride, sizeof(uint32_t));
        const __m512i both = _mm512_load_si512(pairs);
        scales = low_floats(both);
        least = low_floats(_mm512_srli_epi32(both, 16));
    }
    void part(const char * at, size_t stride, int) {
        transpose(at + 4, stride, weights);
        const __m512i mask = _mm512_set1_epi8(0x0f);
        for (int i = 0; i < 4; i++) {
            weights[i + 4] = _mm512_and_si512(_mm512_srli_epi16(weights[i], 4), mask);
            weights[i] = _mm512_and_si512(weights[i], mask);
        }
    }

    static float row(const char * at, const Columns & x, int64_t column) {
        __m256 sums[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
        __m128 lowest = _mm_setzero_ps();
        for (int64_t b = 0; b < x.blocks; b++, at += SIZE) {
            _mm_prefetch(at + AHEAD, _MM_HINT_T0);
            const int64_t i = column * x.blocks + b;
            const __m128i packed = bytes16(at + 4);
            const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(packed), _mm_srli_epi16(packed, 4), 1);
            const __m256i weights = _mm256_and_si256(both, _mm256_set1_epi8(0x0f));
            const __m256i dot = _mm256_dpbusd_epi32(_mm256_setzero_si256(), weights, bytes32(x.integers + i * BLOCK));
            int32_t pair;
            memcpy(&pair, at, sizeof(pair));
            const __m128 scale_least = _mm_cvtph_ps(_mm_cvtsi32_si128(pair));
            const __m256 scale = _mm256_mul_ps(_mm256_broadcastss_ps(scale_least), _mm256_set1_ps(x.scales[i]));
            sums[b & 1] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot), scale, sums[b & 1]);
            lowest = _mm_fmadd_ps(scale_least, _mm_set1_ps(x.totals[i]), lowest);
        }
        const float products = _mm512_reduce_add_ps(_mm512_insertf32x8(_mm512_castps256_ps512(sums[0]), sums[1], 1));
        return products + _mm_cvtss_f32(_mm_movehdup_ps(lowest));
    }
};

struct Q4_K : Nibbles {
    // scale, scale of the least, eight times 6 bits for each of both in 12 bytes, four times 32 low and 32 high halves
    static constexpr int WIDTH = SUPER, SIZE = 144, TILED = 2, QUANTS = 16;
    __m512i header[4], packed[8];
    __m512 scale, least_scale;

    void open(const char * at, size_t stride) {
        transpose(at, stride, header);
        scale = low_floats(header[0]);
        least_scale = _mm512_sub_ps(_mm512_setzero_ps(), low_floats(_mm512_srli_epi32(header[0], 16)));
    }
    // 6 bits of a byte of a header's register, or 4 of one and the upper 2 of another.
    static __m512i six(__m512i from, int byte) {
        return _mm512_and_si512(_mm512_srli_epi32(from, 8 * byte), _mm512_set1_epi32(63));
    }
    static __m512i four_and_two(__m512i four, int shift, __m512i two, int byte) {
        const __m512i low = _mm512_and_si512(_mm512_srli_epi32(four, shift), _mm512_set1_epi32(15));
        const __m512i high = _mm512_and_si512(_mm512_srli_epi32(two, 8 * byte + 2), _mm512_set1_epi32(48));
        return _mm512_or_si512(low, high);
    }
    void part(const char * at, size_t stride, int p) {
        const int byte = p & 3;
        const __m512i own = p < 4 ? six(header[1], byte) : four_and_two(header[3], 8 * byte, header[1], byte);
        const __m512i lowest = p < 4 ? six(header[2], byte) : four_and_two(header[3], 8 * byte + 4, header[2], byte);
        scales = _mm512_mul_ps(scale, _mm512_cvtepi32_ps(own));
        least = _mm512_mul_ps(least_scale, _mm512_cvtepi32_ps(lowest));
        if (p % 2 == 0) {
            transpose(at + QUANTS + 16 * p, stride, packed);
            transpose(at + QUANTS + 16 * p + 16, stride, packed + 4);
        }
        for (int i = 0; i < 8; i++)
            weights[i] = _mm512_and_si512(_mm512_srli_epi16(packed[i], p % 2 * 4), _mm512_set1_epi8(0x0f));
    }

    static float row(const char * at, const Columns & x, int64_t column) {
        __m512 sums = _mm512_setzero_ps();
        __m256 lowest = _mm256_setzero_ps();
        const __m512i eight = _mm512_set_epi32(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
        for (int64_t b = 0; b < x.blocks; b += SUPER / BLOCK, at += SIZE) {
            for (size_t i = 0; i < SIZE; i += LINE) _mm_prefetch(at + AHEAD + i, _MM_HINT_T0);
            const int64_t i = column * x.blocks + b;
            uint32_t word[3];
            memcpy(word, at + 4, sizeof(word));
            const uint32_t upper = (word[2] & 0x0f0f0f0f) | ((word[0] >> 2) & 0x30303030);
            const uint32_t least_upper = ((word[2] >> 4) & 0x0f0f0f0f) | ((word[1] >> 2) & 0x30303030);
            const __m256i bytes = _mm256_cvtepu8_epi16(
                _mm_set_epi32((int) least_upper, (int) (word[1] & 0x3f3f3f3f), (int) upper, (int) (word[0] & 0x3f3f3f3f)));
            const __m512 both = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(bytes));
            const __m256 own = _mm256_mul_ps(_mm512_castps512_ps256(both), _mm256_loadu_ps(x.scales + i));
            lowest = _mm256_fmadd_ps(_mm256_mul_ps(_mm512_extractf32x8_ps(both, 1), _mm256_loadu_ps(x.totals + i)),
                                     _mm256_cvtph_ps(half(at + 2)), lowest);
            const __m512 scales = _mm512_castps256_ps512(_mm256_mul_ps(own, _mm256_cvtph_ps(half(at))));
            for (int p = 0; p < 4; p++) {
                const __m256i packed = bytes32(at + QUANTS + 32 * p);
                const __m512i halves =
                    _mm512_inserti64x4(_mm512_castsi256_si512(packed), _mm256_srli_epi16(packed, 4), 1);
                const __m512i weights = _mm512_and_si512(halves, _mm512_set1_epi8(0x0f));
                const __m512i given = _mm512_loadu_si512(x.integers + (i + 2 * p) * BLOCK);
                const __m512i products = _mm512_dpbusd_epi32(_mm512_setzero_si512(), weights, given);
                const __m512i which = _mm512_add_epi32(eight, _mm512_set1_epi32(2 * p));
                sums = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products), _mm512_permutexvar_ps(which, scales), sums);
            }
        }
        return _mm512_reduce_add_ps(sums) - _mm512_reduce_add_ps(_mm512_zextps256_ps512(lowest));
    }
};

struct Q6_K {
    // 128 bytes of low halves, 64 of pairs of high bits, 16 signed scales, their scale; multiplied as weight + 32
    static constexpr int WIDTH = SUPER, SIZE = 210, TILED = 2, HIGH = 128, SCALES = 192, SCALE = 208;
    __m512i weights[8], low[16], high[8], header[4];
    __m512 scale, scales[2];

    void open(const char * at, size_t stride) {
        transpose(at + SCALES, stride, header);
        scale = floats(at + SCALE, stride);
    }
    void part(const char * at, size_t stride, int p) {
        const int half = p / 4, quarter = p % 4;
        if (quarter == 0) {
            for (int i = 0; i < 4; i++) transpose(at + 64 * half + 16 * i, stride, low + 4 * i);
            for (int i = 0; i < 2; i++) transpose(at + HIGH + 32 * half + 16 * i, stride, high + 4 * i);
        }
        const __m512i * halves = low + quarter % 2 * 8;
        for (int i = 0; i < 8; i++) {
            const __m512i four = _mm512_srli_epi16(halves[i], quarter / 2 * 4);
            const __m512i two = _mm512_slli_epi16(_mm512_srli_epi16(high[i], 2 * quarter), 4);
            weights[i] = _mm512_or_si512(_mm512_and_si512(four, _mm512_set1_epi8(0x0f)),
                                         _mm512_and_si512(two, _mm512_set1_epi8(0x30)));
        }
        for (int i = 0; i < 2; i++) {
            const int at16 = 2 * p + i;
            const __m512i moved = _mm512_slli_epi32(header[at16 / 4], 24 - at16 % 4 * 8);
            scales[i] = _mm512_mul_ps(scale, _mm512_cvtepi32_ps(_mm512_srai_epi32(moved, 24)));
        }
    }
    __m512 add(__m512 sum, const Columns & x, int64_t i) const {
        for (int h = 0; h < 2; h++) {
            const __m512i first = _mm512_set1_epi32(x.halves[2 * i + h]);
            const __m512i products = dot<4>(first, weights + 4 * h, x.integers + i * BLOCK + h * BLOCK / 2);
            sum = scaled(sum, products, scales[h], x.scales[i]);
        }
        return sum;
    }

    static float row(const char * at, const Columns & x, int64_t column) {
        __m512 sums = _mm512_setzero_ps();
        const __m512i four = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
        const __m512i pair = _mm512_set_epi32(7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0);
        for (int64_t b = 0; b < x.blocks; b += SUPER / BLOCK, at += SIZE) {
            for (size_t i = 0; i < SIZE; i += LINE) _mm_prefetch(at + AHEAD + i, _MM_HINT_T0);
            const int64_t i = column * x.blocks + b;
            const __m512 own = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes16(at + SCALES)));
            const __m512 given = _mm512_castps256_ps512(_mm256_loadu_ps(x.scales + i));
            const __m512 of_all = _mm512_broadcastss_ps(_mm_cvtph_ps(half(at + SCALE)));
            const __m512 scales = _mm512_mul_ps(_mm512_mul_ps(own, of_all), _mm512_permutexvar_ps(pair, given));
            const __m512i less = _mm512_loadu_si512(x.halves + 2 * i);
            sums = _mm512_fmadd_ps(_mm512_cvtepi32_ps(less), scales, sums);
            for (int n = 0; n < 2; n++) {
                const __m512i halves = _mm512_loadu_si512(at + 64 * n);
                const __m256i bits = bytes32(at + HIGH + 32 * n);
                const __m512i twos = _mm512_inserti64x4(_mm512_castsi256_si512(bits), _mm256_srli_epi16(bits, 2), 1);
                for (int k = 0; k < 2; k++) {
                    const __m512i low = _mm512_and_si512(_mm512_srli_epi16(halves, 4 * k), _mm512_set1_epi8(0x0f));
                    const __m512i top = _mm512_slli_epi16(_mm512_srli_epi16(twos, 4 * k), 4);
                    const __m512i weights = _mm512_or_si512(low, _mm512_and_si512(top, _mm512_set1_epi8(0x30)));
                    const int64_t part = 4 * n + 2 * k;
                    const __m512i integers = _mm512_loadu_si512(x.integers + (i + part) * BLOCK);
                    const __m512i products = _mm512_dpbusd_epi32(_mm512_setzero_si512(), weights, integers);
                    const __m512i which = _mm512_add_epi32(four, _mm512_set1_epi32((int) (2 * part)));
                    sums = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products), _mm512_permutexvar_ps(which, scales), sums);
                }
            }
        }
        return _mm512_reduce_add_ps(sums);
    }
};

inline float * cell(ggml_tensor * dst, int64_t row, int64_t column) {
    return (float *) ((char *) dst->data + column * dst->nb[1]) + row;
}

// Sixteen rows of weights from `row` on with COUNT columns from `column` on.
template <typename Format, int COUNT>
void tile(const ggml_tensor * w, int64_t row, const Columns & x, int64_t column, ggml_tensor * dst) {
    constexpr int PARTS = Format::WIDTH / BLOCK;
    const size_t stride = w->nb[1];
    const char * at = (const char *) w->data + row * stride;
    const char * next = at + GROUP * stride;
    __m512 sums[COUNT];
    for (int c = 0; c < COUNT; c++) sums[c] = _mm512_setzero_ps();
    for (int64_t b = 0; b < x.blocks; b += PARTS, at += Format::SIZE, next += GROUP * Format::SIZE) {
        for (size_t i = 0; i < GROUP * Format::SIZE + LINE - 1; i += LINE) _mm_prefetch(next + i, _MM_HINT_T0);
        Format format;
        format.open(at, stride);
#pragma GCC unroll 8
        for (int p = 0; p < PARTS; p++) {
            format.part(at, stride, p);
            for (int c = 0; c < COUNT; c++) sums[c] = format.add(sums[c], x, (column + c) * x.blocks + b + p);
        }
    }
    for (int c = 0; c < COUNT; c++) _mm512_storeu_ps(cell(dst, row, column + c), sums[c]);
}

// The same with as many columns as there are, COLUMNS at most.
template <typename Format, int COUNT = COLUMNS>
void tile_of(int64_t count, const ggml_tensor * w, int64_t row, const Columns & x, int64_t column, ggml_tensor * dst) {
    if (count >= COUNT) return tile<Format, COUNT>(w, row, x, column, dst);
    if constexpr (COUNT > 1) tile_of<Format, COUNT - 1>(count, w, row, x, column, dst);
}

// Rows `first` to `last` of the weights with all columns.
template <typename Format>
void part(const ggml_tensor * w, int64_t first, int64_t last, const Columns & x, ggml_tensor * dst) {
    const int64_t tiled = x.count < Format::TILED ? first : first + (last - first) / GROUP * GROUP;
    for (int64_t c = 0; c < x.count; c += COLUMNS)
        for (int64_t r = first; r < tiled; r += GROUP) tile_of<Format>(x.count - c, w, r, x, c, dst);
    for (int64_t c = 0; c < x.count; c++)
        for (int64_t r = tiled; r < last; r++)
            *cell(dst, r, c) = Format::row((const char *) w->data + r * w->nb[1], x, c);
}

bool plain(const ggml_tensor * tensor) { return tensor->ne[2] == 1 && tensor->ne[3] == 1; }

bool known(int type) {
    return type == GGML_TYPE_Q8_0 || type == GGML_TYPE_Q4_1 || type == GGML_TYPE_Q4_K || type == GGML_TYPE_Q6_K;
}

bool ours(const ggml_tensor * dst) {
    const ggml_tensor *w = dst->src[0], *x = dst->src[1];
    return known(w->type) && x->type == GGML_TYPE_F32 && dst->type == GGML_TYPE_F32 && plain(w) && plain(x) && w->nb[0] == ggml_type_size(w->type) &&
           x->nb[0] == sizeof(float) && dst->nb[0] == sizeof(float);
}

template <typename Format>
void multiply(const ggml_compute_params * params, ggml_tensor * dst) {
    const ggml_tensor *w = dst->src[0], *x = dst->src[1];
    const int64_t rows = w->ne[1], me = params->ith, threads = params->nth;
    Columns columns(params->wdata, x->ne[1], w->ne[0] / BLOCK);
    const int64_t blocks = columns.count * columns.blocks;
    for (int64_t at = me * blocks / threads; at < (me + 1) * blocks / threads; at++) {
        const int64_t column = at / columns.blocks, block = at % columns.blocks;
        columns.quantize((const float *) ((const char *) x->data + column * x->nb[1]) + block * BLOCK, column, block);
    }
    if (me == 0) ggml_threadpool_chunk_set(params->threadpool, (int) threads);
    ggml_barrier(params->threadpool);
    const int64_t groups = (rows + GROUP - 1) / GROUP;
    const int64_t chunk = GROUP * (threads == 1 ? groups : 1 + groups / (threads * CHUNKS));
    for (int64_t at = me * chunk; at < rows; at = chunk * ggml_threadpool_chunk_add(params->threadpool, 1))
        part<Format>(w, at, at + chunk < rows ? at + chunk : rows, columns, dst);
}

} // namespace

#endif

extern "C" {

// Whether this build multiplies weights of a format (a number of ggml_type) with the code above.
bool local_agent_multiplies(int type) {
#if QUICK
    return known(type);
#else
    (void) type;
    return false;
#endif
}

bool __wrap_ggml_compute_forward_mul_mat_tiled(const ggml_compute_params * params, ggml_tensor * dst) {
#if QUICK
    if (!params->use_ref && ours(dst)) {
        switch (dst->src[0]->type) {
            case GGML_TYPE_Q8_0: multiply<Q8_0>(params, dst); break;
            case GGML_TYPE_Q4_1: multiply<Q4_1>(params, dst); break;
            case GGML_TYPE_Q4_K: multiply<Q4_K>(params, dst); break;
            default: multiply<Q6_K>(params, dst);
        }
        return true;
    }
#endif
    return __real_ggml_compute_forward_mul_mat_tiled(params, dst);
}

// Bytes that a product needs to work in: ours are the activations in 8 bits.
size_t __wrap_ggml_tiled_wdata_size(int threads, ggml_tensor * dst) {
    const size_t before = __real_ggml_tiled_wdata_size(threads, dst);
#if QUICK
    if (dst->op == GGML_OP_MUL_MAT && ours(dst)) {
        const size_t needed = Columns::size(dst->src[1]->ne[1], dst->src[0]->ne[0] / BLOCK);
        return before > needed ? before : needed;
    }
#endif
    return before;
}
}
