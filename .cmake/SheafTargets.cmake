# The functions with which each directory declares its targets.
#
#   sheaf_library(NAME [INTERFACE] [SOURCES ...] [PUBLIC_LINK ...] [PRIVATE_LINK ...])
#   sheaf_executable(NAME SOURCES ... [LINK ...] [OUTPUT_DIR subdir])
#   sheaf_example(NAME SOURCES ... [LINK ...])
#   sheaf_test(SUITE SOURCES ... [LINK ...] [LABELS ...] [TIMEOUT s] [NEEDS_BIN target...] [RUN_SERIAL])
#   sheaf_fuzz(NAME SOURCES ... [LINK ...] CORPUS dir [DICT file])
#   sheaf_bench(NAME SOURCES ... [LINK ...] [NEEDS_BIN target...])
#   sheaf_add_subdirectories(name...)

set(SHEAF_BIN_DIR "${PROJECT_BINARY_DIR}/bin")

if(SHEAF_BUILD_TESTS)
    if(SHEAF_FUZZ)
        add_custom_target(fuzzers)
    else()
        add_custom_target(benchmarks)
    endif()
endif()

# Adds those of the named subdirectories that have a CMakeLists.txt, in the order given.
macro(sheaf_add_subdirectories)
    foreach(sheaf_subdirectory IN ITEMS ${ARGN})
        if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${sheaf_subdirectory}/CMakeLists.txt")
            add_subdirectory(${sheaf_subdirectory})
        endif()
    endforeach()
endmacro()

# Adds every subdirectory that has a CMakeLists.txt.
macro(sheaf_add_all_subdirectories)
    file(GLOB sheaf_lists CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" */CMakeLists.txt)
    foreach(sheaf_list IN LISTS sheaf_lists)
        get_filename_component(sheaf_subdirectory "${sheaf_list}" DIRECTORY)
        add_subdirectory(${sheaf_subdirectory})
    endforeach()
endmacro()

function(sheaf_check_arguments function)
    if(ARG_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "${function}: unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
    endif()
    if(ARG_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR "${function}: no value after ${ARG_KEYWORDS_MISSING_VALUES}")
    endif()
endfunction()

# A module of runtime/ or framework/: target sheaf_NAME, alias sheaf::NAME. PUBLIC_LINK names the layers below.
function(sheaf_library name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "INTERFACE" "" "SOURCES;PUBLIC_LINK;PRIVATE_LINK")
    sheaf_check_arguments(sheaf_library)
    set(target sheaf_${name})
    set(visibility PUBLIC)
    if(ARG_INTERFACE)
        set(visibility INTERFACE)
        add_library(${target} INTERFACE)
    else()
        add_library(${target} STATIC ${ARG_SOURCES})
        set_target_properties(${target} PROPERTIES
            POSITION_INDEPENDENT_CODE ON # static libraries may end up in job modules
            CXX_EXTENSIONS OFF)
        target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:sheaf_warnings>)
        sheaf_code_options(${target})
    endif()
    add_library(sheaf::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_compile_features(${target} ${visibility} cxx_std_20)

    set(root runtime)
    cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE relative)
    if(relative MATCHES "^framework(/|$)")
        set(root framework)
    endif()
    target_include_directories(${target} ${visibility}
        "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/${root}>"
        "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/${root}/include>"
        "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

    if(ARG_PUBLIC_LINK)
        target_link_libraries(${target} ${visibility} ${ARG_PUBLIC_LINK})
    endif()
    if(ARG_PRIVATE_LINK)
        if(ARG_INTERFACE)
            message(FATAL_ERROR "sheaf_library(${name}): an INTERFACE library has no private links")
        endif()
        target_link_libraries(${target} PRIVATE ${ARG_PRIVATE_LINK})
    endif()
    set_property(GLOBAL APPEND PROPERTY SHEAF_LIBRARIES ${target})
endfunction()

# Code generation options of all our compiled targets. __FILE__, which SHEAF_ASSERT prints, is a path in the source tree:
# where a binary was built is nobody's business, and must not change its bytes.
function(sheaf_code_options target)
    set_target_properties(${target} PROPERTIES SHEAF_OWN_CODE ON)
    target_compile_options(${target} PRIVATE -fno-plt "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
endfunction()

function(sheaf_add_program target)
    add_executable(${target} ${ARG_SOURCES})
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    target_compile_features(${target} PRIVATE cxx_std_20)
    target_link_libraries(${target} PRIVATE sheaf_warnings)
    sheaf_code_options(${target})
    if(ARG_LINK)
        target_link_libraries(${target} PRIVATE ${ARG_LINK})
    endif()
endfunction()

# Builds the programs in ARG_NEEDS_BIN before the target.
function(sheaf_needs_programs target)
    foreach(program IN LISTS ARG_NEEDS_BIN)
        add_dependencies(${target} ${program})
    endforeach()
endfunction()

# A program in <build>/bin[/subdir].
function(sheaf_executable name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "OUTPUT_DIR" "SOURCES;LINK")
    sheaf_check_arguments(sheaf_executable)
    sheaf_add_program(${name})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${SHEAF_BIN_DIR}/${ARG_OUTPUT_DIR}")
endfunction()

# An example, in <build>/bin/examples.
function(sheaf_example name)
    sheaf_executable(${name} OUTPUT_DIR examples ${ARGN})
endfunction()

# A GoogleTest executable, <build>/tests/SUITE, registered as one test of that name.
# NEEDS_BIN: programs the suite starts, which are built before it.
function(sheaf_test suite)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "RUN_SERIAL" "TIMEOUT" "SOURCES;LINK;LABELS;NEEDS_BIN")
    sheaf_check_arguments(sheaf_test)
    if(SHEAF_FUZZ)
        return()
    endif()
    sheaf_add_program(${suite})
    set_target_properties(${suite} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_include_directories(${suite} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_compile_definitions(${suite} PRIVATE
        SHEAF_BIN_DIR="${SHEAF_BIN_DIR}" SHEAF_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_link_libraries(${suite} PRIVATE GTest::gmock GTest::gtest_main)
    sheaf_needs_programs(${suite})

    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    if(NOT ARG_LABELS)
        set(ARG_LABELS unit)
    endif()
    add_test(NAME ${suite} COMMAND ${suite})
    set_tests_properties(${suite} PROPERTIES
        LABELS "${ARG_LABELS}"
        TIMEOUT ${ARG_TIMEOUT}
        RUN_SERIAL "${ARG_RUN_SERIAL}"
        ENVIRONMENT "SHEAF_BIN_DIR=${SHEAF_BIN_DIR};SHEAF_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()

# A fuzz target (a source with LLVMFuzzerTestOneInput). With SHEAF_FUZZ it becomes a libFuzzer binary,
# <build>/fuzz/NAME, with its corpus directory noted beside it in NAME.corpus; otherwise a test, fuzz_replay_NAME, that runs the corpus.
function(sheaf_fuzz name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "CORPUS;DICT" "SOURCES;LINK")
    sheaf_check_arguments(sheaf_fuzz)
    get_filename_component(corpus "${ARG_CORPUS}" ABSOLUTE)

    if(SHEAF_FUZZ)
        sheaf_add_program(${name})
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
        target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
        file(WRITE "${PROJECT_BINARY_DIR}/fuzz/${name}.corpus" "${corpus}\n")
        if(ARG_DICT)
            get_filename_component(dictionary "${ARG_DICT}" ABSOLUTE)
            file(WRITE "${PROJECT_BINARY_DIR}/fuzz/${name}.dict" "${dictionary}\n")
        endif()
        add_dependencies(fuzzers ${name})
        return()
    endif()

    set(replay fuzz_replay_${name})
    list(APPEND ARG_SOURCES "${PROJECT_SOURCE_DIR}/tests/support/fuzz_replay_main.cpp")
    sheaf_add_program(${replay})
    set_target_properties(${replay} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_include_directories(${replay} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    add_test(NAME ${replay} COMMAND ${replay} "${corpus}")
    set_tests_properties(${replay} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()

# A benchmark, <build>/bench/NAME. `./dev bench` runs them all.
function(sheaf_bench name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;LINK;NEEDS_BIN")
    sheaf_check_arguments(sheaf_bench)
    if(SHEAF_FUZZ)
        return()
    endif()
    sheaf_add_program(${name})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_compile_definitions(${name} PRIVATE
        SHEAF_BIN_DIR="${SHEAF_BIN_DIR}" SHEAF_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    sheaf_needs_programs(${name})
    add_dependencies(benchmarks ${name})
endfunction()
