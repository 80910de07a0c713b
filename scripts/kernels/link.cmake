# Included by llama.cpp's build at the end of project("ggml"): puts matmul.cpp into the library of the CPU.
# --wrap leads llama.cpp's own calls of these two functions to ours, which hand on what is not for them.
function(local_agent_link)
    target_sources(ggml-cpu PRIVATE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/matmul.cpp")
    target_link_options(ggml-cpu PRIVATE
        "LINKER:--wrap=ggml_compute_forward_mul_mat_tiled"
        "LINKER:--wrap=ggml_tiled_wdata_size")
endfunction()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    # at the end of this folder's own file, when the library is known
    cmake_language(DEFER CALL local_agent_link)
endif()
