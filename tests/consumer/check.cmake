# Builds and runs a program that uses Sheaf as a library, in one of the ways there are.
#
#   cmake -DWAY=install|find_package|pkg_config|configure|add_subdirectory -DSOURCE_DIR=... -DBUILD_DIR=...
#         -DSCRATCH=... -DCOMPILER=... -DFLAGS=... -DVERSION=... -DLIBDIR=... [-DBUILD_FLAGS=...]
#         [-DWERROR=...] [-DLAUNCHER=...] -P check.cmake
#
# `install` installs the libraries as they are built, and moves them; find_package and pkg_config use what it left.
# `configure` is add_subdirectory without the build, which takes minutes.

cmake_minimum_required(VERSION 3.25)

set(consumers "${CMAKE_CURRENT_LIST_DIR}")
set(prefix "${SCRATCH}/moved")

function(run)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(NOT status EQUAL 0)
        list(JOIN ARGV " " command)
        message(FATAL_ERROR "${command}\nended with ${status}:\n${text}")
    endif()
endfunction()

# The program starts a local cluster and makes a call on it.
function(run_consumer program)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env --unset=SHEAF_SERVER --unset=SHEAF_ROLE SHEAF_WORKERS=1 "${program}"
        RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE errors TIMEOUT 60)
    if(NOT status EQUAL 0 OR NOT text STREQUAL "7 squared is 49\n")
        message(FATAL_ERROR "${program} ended with ${status} and said:\n${text}${errors}")
    endif()
endfunction()

function(configure_consumer)
    file(REMOVE_RECURSE "${SCRATCH}/${WAY}")
    run(${CMAKE_COMMAND} -S "${consumers}/${ARGV0}" -B "${SCRATCH}/${WAY}" -G Ninja
        "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}" ${ARGN})
endfunction()

function(build_and_run_consumer)
    run(${CMAKE_COMMAND} --build "${SCRATCH}/${WAY}" --target consumer)
    run_consumer("${SCRATCH}/${WAY}/consumer")
endfunction()

function(check_no_path_is_left)
    file(GLOB_RECURSE texts "${prefix}/*.cmake" "${prefix}/*.pc")
    foreach(file IN LISTS texts)
        file(READ "${file}" text)
        foreach(path IN ITEMS "${SCRATCH}" "${BUILD_DIR}" "${SOURCE_DIR}")
            string(FIND "${text}" "${path}" at)
            if(NOT at EQUAL -1)
                message(FATAL_ERROR "${file} names ${path}, so it cannot be moved")
            endif()
        endforeach()
    endforeach()
endfunction()

if(WAY STREQUAL "install")
    file(REMOVE_RECURSE "${SCRATCH}/installed" "${prefix}")
    run(${CMAKE_COMMAND} --install "${BUILD_DIR}" --prefix "${SCRATCH}/installed")
    file(RENAME "${SCRATCH}/installed" "${prefix}")
    check_no_path_is_left()
    run("${prefix}/bin/sheafd" --version)
elseif(WAY STREQUAL "find_package")
    configure_consumer(find_package "-DCMAKE_PREFIX_PATH=${prefix}" "-DSHEAF_VERSION=${VERSION}")
    build_and_run_consumer()
elseif(WAY STREQUAL "pkg_config")
    file(MAKE_DIRECTORY "${SCRATCH}/${WAY}")
    run(${CMAKE_COMMAND} -E env "PKG_CONFIG_PATH=${prefix}/${LIBDIR}/pkgconfig"
        sh -ec "$0 -std=c++20 ${FLAGS} $1 -o $2 $(pkg-config --cflags --libs 'sheaf = ${VERSION}')"
        "${COMPILER}" "${consumers}/main.cpp" "${SCRATCH}/${WAY}/consumer")
    run_consumer("${SCRATCH}/${WAY}/consumer")
elseif(WAY STREQUAL "configure")
    configure_consumer(add_subdirectory "-DSHEAF_SOURCE_DIR=${SOURCE_DIR}")
elseif(WAY STREQUAL "add_subdirectory")
    # Compiled as this build is, so that a compiler cache knows the results.
    string(PREPEND FLAGS "${BUILD_FLAGS} ")
    configure_consumer(add_subdirectory "-DSHEAF_SOURCE_DIR=${SOURCE_DIR}" "-DSHEAF_WERROR=${WERROR}"
        "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}")
    build_and_run_consumer()
else()
    message(FATAL_ERROR "unknown WAY \"${WAY}\"")
endif()
