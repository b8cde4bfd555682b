# Language level, warnings and sanitizers. Global settings only when Sheaf is the top-level project; the warnings travel
# in sheaf_warnings, which our own targets link privately.

if(PROJECT_IS_TOP_LEVEL)
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    if(NOT DEFINED CMAKE_COLOR_DIAGNOSTICS)
        set(CMAKE_COLOR_DIAGNOSTICS ON)
    endif()
    if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
        set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
    endif()
    if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER AND NOT DEFINED ENV{CMAKE_CXX_COMPILER_LAUNCHER})
        find_program(SHEAF_CCACHE ccache)
        mark_as_advanced(SHEAF_CCACHE)
        if(SHEAF_CCACHE)
            set(CMAKE_CXX_COMPILER_LAUNCHER "${SHEAF_CCACHE}")
        endif()
    endif()
endif()

add_library(sheaf_warnings INTERFACE)
target_compile_options(sheaf_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wconversion)
if(SHEAF_WERROR)
    target_compile_options(sheaf_warnings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 reports overlapping memcpy in plain std::string concatenation (GCC bug 105651).
    target_compile_options(sheaf_warnings INTERFACE -Wno-restrict)
else()
    # clang's -Wconversion brings sign conversions with it, g++'s does not.
    target_compile_options(sheaf_warnings INTERFACE -Wno-sign-conversion)
endif()

if(SHEAF_SANITIZE)
    list(JOIN SHEAF_SANITIZE "," sheaf_sanitizers)
    add_compile_options("-fsanitize=${sheaf_sanitizers}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options("-fsanitize=${sheaf_sanitizers}")
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Instrumented code confuses the flow analysis behind these warnings; ordinary builds keep them.
        target_compile_options(sheaf_warnings INTERFACE -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
        if("thread" IN_LIST SHEAF_SANITIZE)
            # Asio uses atomic_thread_fence, which GCC's TSan does not model and warns about.
            target_compile_options(sheaf_warnings INTERFACE -Wno-tsan)
        endif()
    endif()
endif()

if(SHEAF_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "SHEAF_FUZZ needs clang: libFuzzer is part of its runtime")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
