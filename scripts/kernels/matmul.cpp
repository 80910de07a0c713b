// Products of Q8_0 and Q4_1 weights with activations, for x86-64 processors with AVX-512 VNNI.
//
// llama.cpp's own code for these two formats takes 5 ms more for each further row of SmolLM2-135M on one core, since it
// turns the sum of every 32 products into a float by itself. Here sixteen rows of weights are taken at once, transposed
// in registers, so that one instruction multiplies four bytes of each with four of a column's activations.
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

constexpr int BLOCK = 32;     // weights that share a scale, in both formats
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

// Activations in 8 bits. For each column and block: its scale, minus the sum of its integers, scale times that sum.
struct Columns {
    int64_t count, blocks;
    int8_t * integers;
    float * scales;
    int32_t * negated;
    float * totals;

    Columns(void * space, int64_t count, int64_t blocks) : count(count), blocks(blocks) {
        char * at = (char *) space;
        integers = (int8_t *) at;
        scales = (float *) (at += count * blocks * BLOCK);
        negated = (int32_t *) (at += count * blocks * sizeof(float));
        totals = (float *) (at + count * blocks * sizeof(int32_t));
    }

    static size_t size(int64_t count, int64_t blocks) {
        return count * blocks * (BLOCK + 2 * sizeof(float) + sizeof(int32_t));
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
        const int32_t sum = _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
        scales[at] = most / 127;
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

// A format: how its blocks become unsigned bytes, and what is to be added for that.
struct Q8_0 {
    static constexpr int SIZE = 34;  // scale, 32 signed bytes: multiplied as byte + 128
    static constexpr int TILED = 2;  // columns from which tiles are faster than rows
    __m512 scales;

    void take(const char * at, size_t stride, __m512i * weights) {
        transpose(at + 2, stride, weights);
        transpose(at + 18, stride, weights + 4);
        for (int i = 0; i < 8; i++) weights[i] = _mm512_xor_si512(weights[i], _mm512_set1_epi8((char) 0x80));
        alignas(32) uint16_t halves[GROUP];
        for (int r = 0; r < GROUP; r++) memcpy(&halves[r], at + r * stride, sizeof(uint16_t));
        scales = _mm512_cvtph_ps(_mm256_load_si256((const __m256i *) halves));
    }
    static __m512i begin(const Columns & x, int64_t at) {
        return _mm512_slli_epi32(_mm512_set1_epi32(x.negated[at]), 7);
    }
    __m512 end(__m512 sum, const Columns &, int64_t) const { return sum; }

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

struct Q4_1 {
    static constexpr int SIZE = 20;  // scale, least, 32 times four bits: the low halves come first
    static constexpr int TILED = 1;
    __m512 scales, least;

    void take(const char * at, size_t stride, __m512i * weights) {
        transpose(at + 4, stride, weights);
        const __m512i mask = _mm512_set1_epi8(0x0f);
        for (int i = 0; i < 4; i++) {
            weights[i + 4] = _mm512_and_si512(_mm512_srli_epi16(weights[i], 4), mask);
            weights[i] = _mm512_and_si512(weights[i], mask);
        }
        alignas(64) uint32_t pairs[GROUP];
        for (int r = 0; r < GROUP; r++) memcpy(&pairs[r], at + r * stride, sizeof(uint32_t));
        const __m512i both = _mm512_load_si512(pairs);
        scales = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(both));
        least = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(both, 16)));
    }
    static __m512i begin(const Columns &, int64_t) { return _mm512_setzero_si512(); }
    __m512 end(__m512 sum, const Columns & x, int64_t at) const {
        return _mm512_fmadd_ps(least, _mm512_set1_ps(x.totals[at]), sum);
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

inline float * cell(ggml_tensor * dst, int64_t row, int64_t column) {
    return (float *) ((char *) dst->data + column * dst->nb[1]) + row;
}

// Sixteen rows of weights from `row` on with COUNT columns from `column` on.
template <typename Format, int COUNT>
void tile(const ggml_tensor * w, int64_t row, const Columns & x, int64_t column, ggml_tensor * dst) {
    const size_t stride = w->nb[1];
    const char * at = (const char *) w->data + row * stride;
    const char * next = at + GROUP * stride;
    __m512 sums[COUNT];
    for (int c = 0; c < COUNT; c++) sums[c] = _mm512_setzero_ps();
    for (int64_t b = 0; b < x.blocks; b++, at += Format::SIZE, next += GROUP * Format::SIZE) {
        for (size_t i = 0; i < GROUP * Format::SIZE + LINE - 1; i += LINE) _mm_prefetch(next + i, _MM_HINT_T0);
        Format format;
        __m512i weights[8];
        format.take(at, stride, weights);
        for (int c = 0; c < COUNT; c++) {
            const int64_t i = (column + c) * x.blocks + b;
            __m512i dot = Format::begin(x, i), more = _mm512_setzero_si512();
            for (int k = 0; k < 8; k += 2) {
                int32_t pair[2];
                memcpy(pair, x.integers + i * BLOCK + 4 * k, sizeof(pair));
                dot = _mm512_dpbusd_epi32(dot, weights[k], _mm512_set1_epi32(pair[0]));
                more = _mm512_dpbusd_epi32(more, weights[k + 1], _mm512_set1_epi32(pair[1]));
            }
            const __m512 scale = _mm512_mul_ps(format.scales, _mm512_set1_ps(x.scales[i]));
            sums[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_add_epi32(dot, more)), scale, sums[c]);
            sums[c] = format.end(sums[c], x, i);
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

bool ours(const ggml_tensor * dst) {
    const ggml_tensor *w = dst->src[0], *x = dst->src[1];
    return (w->type == GGML_TYPE_Q8_0 || w->type == GGML_TYPE_Q4_1) && x->type == GGML_TYPE_F32 &&
           dst->type == GGML_TYPE_F32 && plain(w) && plain(x) && w->nb[0] == ggml_type_size(w->type) &&
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
bool local_agent_multiplies(int type) { return QUICK && (type == GGML_TYPE_Q8_0 || type == GGML_TYPE_Q4_1); }

bool __wrap_ggml_compute_forward_mul_mat_tiled(const ggml_compute_params * params, ggml_tensor * dst) {
#if QUICK
    if (!params->use_ref && ours(dst)) {
        dst->src[0]->type == GGML_TYPE_Q8_0 ? multiply<Q8_0>(params, dst) : multiply<Q4_1>(params, dst);
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
