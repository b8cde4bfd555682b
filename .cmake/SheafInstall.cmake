# What a user of Sheaf gets: sheaf::sheaf to link, the CMake package, and sheaf.pc for pkg-config. Nothing in what is
# installed names the place where it was built or installed, so that it may be moved.

include(CMakePackageConfigHelpers)

# sheaf::sheaf: every module, for those who do not want to choose. It exists from here on, so that programs may name it;
# sheaf_umbrella() fills it when all modules are known.
add_library(sheaf_sheaf INTERFACE)
add_library(sheaf::sheaf ALIAS sheaf_sheaf)
set_target_properties(sheaf_sheaf PROPERTIES EXPORT_NAME sheaf)

function(sheaf_umbrella)
    get_property(libraries GLOBAL PROPERTY SHEAF_LIBRARIES)
    list(TRANSFORM libraries REPLACE "^sheaf_" "sheaf::")
    target_link_libraries(sheaf_sheaf INTERFACE ${libraries})
endfunction()

# How a user finds what a target of somebody else stands for: the arguments of find_dependency() in `package`, a module of
# pkg-config in `requires`, and options for compiler and linker in `cflags` and `libs`.
function(sheaf_foreign_package target)
    set(package "")
    set(requires "")
    set(cflags "")
    set(libs "")
    if(target STREQUAL "Threads::Threads")
        set(package "Threads")
        set(cflags "-pthread")
        set(libs "-pthread")
    elseif(target STREQUAL "Boost::headers")
        set(package "Boost 1.81")
    elseif(target STREQUAL "Boost::json")
        set(package "Boost 1.81 COMPONENTS json")
        set(libs "-lboost_json")
    elseif(target STREQUAL "TBB::tbb")
        set(package "TBB")
        set(requires "tbb")
    elseif(target STREQUAL "fmt::fmt")
        set(package "fmt")
        set(requires "fmt")
    elseif(target STREQUAL "spdlog::spdlog")
        set(package "spdlog")
        set(requires "spdlog")
    elseif(target STREQUAL "ZLIB::ZLIB")
        set(package "ZLIB")
        set(requires "zlib")
    elseif(target STREQUAL "SQLite::SQLite3")
        set(package "SQLite3")
        set(requires "sqlite3")
    elseif(target STREQUAL "zstd::zstd")
        set(requires "libzstd") # as xxHash
    elseif(target STREQUAL "xxHash::xxhash")
        set(requires "libxxhash") # sheaf-packages.cmake finds it, and cereal's headers, for CMake
    elseif(NOT target STREQUAL "cereal::cereal")
        message(FATAL_ERROR "A library links ${target}: say in sheaf_foreign_package() how users find it")
    endif()
    return_to_parent(package requires cflags libs)
endfunction()

macro(return_to_parent)
    foreach(sheaf_variable IN ITEMS ${ARGN})
        set(${sheaf_variable} "${${sheaf_variable}}" PARENT_SCOPE)
    endforeach()
endmacro()

# Adds to `reached` what `target` links, directly or not, and then the target itself.
function(sheaf_link_closure target)
    get_target_property(aliased ${target} ALIASED_TARGET)
    if(aliased)
        set(target ${aliased})
    endif()
    if(target IN_LIST reached)
        return()
    endif()
    if(NOT target MATCHES "::") # one of ours, not imported
        get_target_property(type ${target} TYPE)
        set(property LINK_LIBRARIES)
        if(type STREQUAL "INTERFACE_LIBRARY")
            set(property INTERFACE_LINK_LIBRARIES)
        endif()
        get_target_property(links ${target} ${property})
        foreach(link IN LISTS links)
            if(TARGET "${link}") # anything else is of the build alone
                sheaf_link_closure(${link})
            endif()
        endforeach()
    endif()
    list(APPEND reached ${target})
    set(reached "${reached}" PARENT_SCOPE)
endfunction()

# Writes sheaf.pc and the CMake package's configuration, which both say what the installed libraries need.
function(sheaf_configure_packages package_dir)
    set(reached "")
    sheaf_link_closure(sheaf_sheaf)
    list(REVERSE reached) # a linker wants those who need before those who are needed

    set(sheaf_find_dependencies "")
    set(sheaf_pc_requires "")
    set(sheaf_pc_cflags "-DBOOST_ASIO_SEPARATE_COMPILATION")
    set(own_libs "")
    set(foreign_libs "")
    foreach(target IN LISTS reached)
        if(target MATCHES "::")
            sheaf_foreign_package(${target})
            if(package)
                list(APPEND sheaf_find_dependencies "find_dependency(${package})")
            endif()
            list(APPEND sheaf_pc_requires ${requires})
            list(APPEND sheaf_pc_cflags ${cflags})
            list(APPEND foreign_libs ${libs})
        else()
            get_target_property(type ${target} TYPE)
            if(type STREQUAL "STATIC_LIBRARY")
                list(APPEND own_libs "-l${target}")
            endif()
        endif()
    endforeach()
    list(JOIN sheaf_find_dependencies "\n" sheaf_find_dependencies)
    list(JOIN sheaf_pc_requires " " sheaf_pc_requires)
    list(JOIN sheaf_pc_cflags " " sheaf_pc_cflags)
    list(JOIN own_libs " " sheaf_pc_libs)
    list(JOIN foreign_libs " " foreign_libs)
    string(APPEND sheaf_pc_libs " ${foreign_libs}")
    set(pc_dir "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${pc_dir}" OUTPUT_VARIABLE sheaf_pc_prefix)
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY "${pc_dir}" OUTPUT_VARIABLE sheaf_pc_include)

    configure_file("${PROJECT_SOURCE_DIR}/.cmake/sheaf.pc.in" "${PROJECT_BINARY_DIR}/sheaf.pc" @ONLY)
    configure_package_config_file("${PROJECT_SOURCE_DIR}/.cmake/sheaf-config.cmake.in"
        "${PROJECT_BINARY_DIR}/sheaf-config.cmake"
        INSTALL_DESTINATION "${package_dir}"
        NO_SET_AND_CHECK_MACRO)
    write_basic_package_version_file("${PROJECT_BINARY_DIR}/sheaf-config-version.cmake"
        COMPATIBILITY SameMinorVersion) # before 1.0 a minor version may break
endfunction()

function(sheaf_install)
    get_property(libraries GLOBAL PROPERTY SHEAF_LIBRARIES)
    set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/sheaf")
    sheaf_configure_packages("${package_dir}")

    install(TARGETS ${libraries} sheaf_sheaf sheaf_boost_asio
        EXPORT sheaf-targets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(EXPORT sheaf-targets NAMESPACE sheaf:: DESTINATION "${package_dir}")
    install(FILES
        "${PROJECT_BINARY_DIR}/sheaf-config.cmake"
        "${PROJECT_BINARY_DIR}/sheaf-config-version.cmake"
        "${PROJECT_SOURCE_DIR}/.cmake/sheaf-packages.cmake"
        DESTINATION "${package_dir}")
    install(FILES "${PROJECT_BINARY_DIR}/sheaf.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
    foreach(root IN ITEMS runtime framework)
        install(DIRECTORY "${PROJECT_SOURCE_DIR}/${root}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    endforeach()
    foreach(program IN ITEMS sheafd sheaf)
        if(TARGET ${program})
            install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
        endif()
    endforeach()
endfunction()
