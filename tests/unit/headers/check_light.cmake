# The framework's public headers bring neither Asio nor TBB nor spdlog along, and how long a small program compiles.
#   cmake -DCOMPILER=c++ -DINCLUDES=dir,... -DSOURCE=file.cpp [-DSECONDS_MAX=2] -P check_light.cmake
string(REPLACE "," ";-I" include_options "-I${INCLUDES}")
execute_process(
    COMMAND ${COMPILER} -std=c++20 -E ${include_options} ${SOURCE}
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n# [0-9]+ \"[^\"]*/(boost|tbb|oneapi|spdlog|fmt)/[^\"]*\"" heavy "${text}")
if(heavy)
    list(GET heavy 0 first)
    message(FATAL_ERROR "${SOURCE} includes what public headers must not:${first}")
endif()

if(SECONDS_MAX)
    # Processor time, so that other work on the machine weighs less.
    execute_process(
        COMMAND bash -c "TIMEFORMAT='%U %S'; time \"$@\"" bash
            ${COMPILER} -std=c++20 -O1 ${include_options} -c ${SOURCE} -o /dev/null
        ERROR_VARIABLE times COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCH "([0-9]+)\\.([0-9])[0-9]* ([0-9]+)\\.([0-9])" times "${times}")
    math(EXPR tenths "10 * ${CMAKE_MATCH_1} + ${CMAKE_MATCH_2} + 10 * ${CMAKE_MATCH_3} + ${CMAKE_MATCH_4}")
    message("${tenths} tenths of a second of processor time")
    math(EXPR tenths_max "10 * ${SECONDS_MAX}")
    if(tenths GREATER tenths_max)
        message(FATAL_ERROR "${SOURCE} must compile within ${SECONDS_MAX} s")
    endif()
endif()
