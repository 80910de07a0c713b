# Included by llama.cpp's build at the end of project("llama.cpp"): what a set-up compiles is the library alone.
# llama-cpp-python asks for the helpers of llama.cpp's own programs too (templates, JSON, an HTTP client), which it
# neither links nor installs.
set(LLAMA_BUILD_COMMON OFF)

# Nobody here reads warnings about others' code, and finding them takes time.
add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-w>)

# What lays out graphs and reads files runs rarely: level 1 there. What runs for every token, and all of ggml, keeps
# level 3 (docs/decisions/set-up.md).
function(local_agent_levels)
    if(NOT TARGET llama OR NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
        return()
    endif()
    target_compile_options(llama PRIVATE -O1)
    foreach(name IN ITEMS batch context grammar graph kv-cache sampler vocab)
        set_property(SOURCE "${CMAKE_CURRENT_SOURCE_DIR}/src/llama-${name}.cpp" TARGET_DIRECTORY llama
            APPEND PROPERTY COMPILE_OPTIONS -O3)
    endforeach()
    set_property(SOURCE "${CMAKE_CURRENT_SOURCE_DIR}/src/unicode.cpp" TARGET_DIRECTORY llama
        APPEND PROPERTY COMPILE_OPTIONS -O3)
endfunction()

# at the end of this folder's own file, when the library is known
cmake_language(DEFER CALL local_agent_levels)
