# Each mistake in declarations.cpp stops the compiler with a sentence that helps, and the right one does not.
#   cmake -DCOMPILER=c++ -DINCLUDES=dir,... -DSOURCE=declarations.cpp -P check_mistakes.cmake
string(REPLACE "," ";-I" include_options "-I${INCLUDES}")

function(check mistake)
    execute_process(
        COMMAND ${COMPILER} -std=c++20 -fsyntax-only -DMISTAKE=${mistake} ${include_options} ${SOURCE}
        RESULT_VARIABLE failed ERROR_VARIABLE text OUTPUT_QUIET)
    if(NOT failed)
        message(FATAL_ERROR "mistake ${mistake} compiles")
    endif()
    foreach(expected IN LISTS ARGN)
        string(FIND "${text}" "${expected}" at)
        if(at EQUAL -1)
            message(SEND_ERROR "mistake ${mistake} does not say \"${expected}\" but:\n${text}")
        endif()
    endforeach()
endfunction()

execute_process(
    COMMAND ${COMPILER} -std=c++20 -fsyntax-only -DMISTAKE=0 ${include_options} ${SOURCE}
    COMMAND_ERROR_IS_FATAL ANY)
check(1 "a task's name is 1 to 64 of the characters" "bad name")
check(2 "Use std::string instead of std::string_view")
check(3 "this class cannot be encoded" "without_functions")
check(4 "an error with fields of its own needs serialize()" "with_fields")
check(5 "a pointer means nothing in another process")
check(6 "implements" "square")
check(7 "square")
check(8 "shared ownership does not cross processes")
