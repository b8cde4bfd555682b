# Each mistake in this directory stops the compiler with a message whose first lines name the task and say what to do.
#
#   cmake -DCOMPILER=c++ -DKIND=GNU|Clang -DINCLUDES=dir,... -DSCRATCH=dir [-DONLY=regex] -P check.cmake
#
# README.md says how a case is written. The header that they all include is compiled once; a case then costs a fifth of a
# second.
cmake_minimum_required(VERSION 3.25)

set(lines_that_people_read 16)
string(REPLACE "," ";-I" include_options "-I${INCLUDES}")
set(compile ${COMPILER} -std=c++20 ${include_options})

# Sets `use_header` to the options that make a compilation begin with the header, compiled.
function(precompile_header)
    file(MAKE_DIRECTORY "${SCRATCH}")
    set(header "${SCRATCH}/sheaf_${KIND}.hpp")
    file(WRITE "${header}" "#include <sheaf/sheaf.hpp>\n")
    if(KIND STREQUAL "GNU")
        set(compiled "${header}.gch")
        set(use_header -include "${header}" PARENT_SCOPE)
    else()
        set(compiled "${header}.pch")
        set(use_header -include-pch "${compiled}" PARENT_SCOPE)
    endif()
    execute_process(COMMAND ${compile} -x c++-header "${header}" -o "${compiled}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Sets `values` to what follows "// KEY: " in the case's first lines.
function(read_expectations text key)
    string(REGEX MATCHALL "(^|\n)// ${key}: [^\n]*" values "${text}")
    list(TRANSFORM values REPLACE "^\n?// ${key}: " "")
    set(values "${values}" PARENT_SCOPE)
endfunction()

# Sets `first_lines` to the beginning of the compiler's output, without the chains of includes.
function(take_first_lines output)
    string(REGEX REPLACE "(^|\n)(In file included from|                 from) [^\n]*" "" output "${output}")
    string(REGEX REPLACE "[][;]" "|" lines "${output}") # what CMake's lists do not hold
    string(REPLACE "\n" ";" lines "${lines}")
    list(SUBLIST lines 0 ${lines_that_people_read} lines)
    list(JOIN lines "\n" first_lines)
    set(first_lines "${first_lines}" PARENT_SCOPE)
endfunction()

function(expect_in_first_lines name key)
    read_expectations("${text}" ${key})
    if(NOT values)
        message(SEND_ERROR "${name} has no line \"// ${key}: \"")
    endif()
    foreach(expected IN LISTS values)
        if(NOT first_lines MATCHES "${expected}")
            message(SEND_ERROR "${name}: \"${expected}\" is not in the first lines of what ${COMPILER} says:\n${output}")
        endif()
    endforeach()
endfunction()

function(check_case name)
    execute_process(
        COMMAND ${compile} ${use_header} -fsyntax-only "${CMAKE_CURRENT_LIST_DIR}/${name}.cpp"
        RESULT_VARIABLE failed ERROR_VARIABLE output OUTPUT_QUIET)
    file(READ "${CMAKE_CURRENT_LIST_DIR}/${name}.cpp" text)
    if(text MATCHES "\n// compiles\n")
        if(failed)
            message(SEND_ERROR "${name} must compile, but ${COMPILER} says:\n${output}")
        endif()
        return()
    endif()
    if(NOT failed)
        message(SEND_ERROR "${name} must not compile, but does")
    endif()
    take_first_lines("${output}")
    expect_in_first_lines(${name} says)
    if(KIND STREQUAL "GNU") # clang 14 writes the characters of template arguments as numbers, and few of them
        expect_in_first_lines(${name} names)
    endif()
endfunction()

set(ENV{LC_ALL} C) # messages in English, in ASCII
precompile_header()
file(GLOB cases RELATIVE "${CMAKE_CURRENT_LIST_DIR}" "${CMAKE_CURRENT_LIST_DIR}/*.cpp")
list(LENGTH cases count)
if(count LESS 20)
    message(FATAL_ERROR "only ${count} cases found in ${CMAKE_CURRENT_LIST_DIR}")
endif()
foreach(case IN LISTS cases)
    cmake_path(REMOVE_EXTENSION case)
    if(NOT ONLY OR case MATCHES "${ONLY}")
        check_case(${case})
    endif()
endforeach()
