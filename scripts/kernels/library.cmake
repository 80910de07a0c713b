# Included by llama.cpp's build at the end of project("llama.cpp"): what a set-up compiles is the library alone.
# llama-cpp-python asks for the helpers of llama.cpp's own programs too (templates, JSON, an HTTP client), which it
# neither links nor installs.
set(LLAMA_BUILD_COMMON OFF)
