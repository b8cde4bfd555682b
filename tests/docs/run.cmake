# Runs a program of the documents on a local cluster, in a directory of its own, and compares what it prints, or the output
# files of its map/reduce, with what the documents say.
#
#   cmake -DPROGRAM=file "-DARGUMENTS=a|b" -DEXPECTED=file [-DPARTS=directory] -DSCRATCH=directory -P run.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")
string(REPLACE "|" ";" ARGUMENTS "${ARGUMENTS}")
execute_process(
    COMMAND ${CMAKE_COMMAND} -E env --unset=SHEAF_SERVER --unset=SHEAF_ROLE SHEAF_WORKERS=2 "${PROGRAM}" ${ARGUMENTS}
    WORKING_DIRECTORY "${SCRATCH}"
    RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE errors)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ended with ${status} and said:\n${text}${errors}")
endif()

if(PARTS)
    file(GLOB parts "${SCRATCH}/${PARTS}/part-*")
    execute_process(COMMAND sort ${parts} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
endif()
file(READ "${EXPECTED}" expected)
if(NOT text STREQUAL expected)
    message(FATAL_ERROR "${PROGRAM} gives\n${text}\nbut ${EXPECTED} says\n${expected}")
endif()
