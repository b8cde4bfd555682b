# Packages that come with different target names, or with no CMake files at all. Read by Sheaf's own build and, as part
# of the installed package, by the builds of those who use it. Defines cereal::cereal, xxHash::xxhash and zstd::zstd where
# their headers and libraries are found; the reader checks that.

# cereal 1.3.1 and later export cereal::cereal, earlier ones cereal.
if(NOT TARGET cereal::cereal AND NOT TARGET cereal)
    find_package(cereal CONFIG QUIET)
endif()
if(NOT TARGET cereal::cereal)
    find_path(SHEAF_CEREAL_INCLUDE_DIR cereal/cereal.hpp)
    mark_as_advanced(SHEAF_CEREAL_INCLUDE_DIR)
    if(TARGET cereal)
        add_library(cereal::cereal INTERFACE IMPORTED)
        target_link_libraries(cereal::cereal INTERFACE cereal)
    elseif(SHEAF_CEREAL_INCLUDE_DIR)
        add_library(cereal::cereal INTERFACE IMPORTED)
        target_include_directories(cereal::cereal INTERFACE "${SHEAF_CEREAL_INCLUDE_DIR}")
    endif()
endif()

# Distributions build xxHash by its Makefile, which installs no CMake files.
if(NOT TARGET xxHash::xxhash)
    find_package(xxHash CONFIG QUIET)
endif()
if(NOT TARGET xxHash::xxhash)
    find_path(SHEAF_XXHASH_INCLUDE_DIR xxhash.h)
    find_library(SHEAF_XXHASH_LIBRARY xxhash)
    mark_as_advanced(SHEAF_XXHASH_INCLUDE_DIR SHEAF_XXHASH_LIBRARY)
    if(SHEAF_XXHASH_INCLUDE_DIR AND SHEAF_XXHASH_LIBRARY)
        add_library(xxHash::xxhash UNKNOWN IMPORTED)
        set_target_properties(xxHash::xxhash PROPERTIES
            IMPORTED_LOCATION "${SHEAF_XXHASH_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${SHEAF_XXHASH_INCLUDE_DIR}")
    endif()
endif()

# So with zstd, whose own CMake files call it zstd::libzstd_shared or zstd::libzstd_static.
if(NOT TARGET zstd::zstd)
    find_path(SHEAF_ZSTD_INCLUDE_DIR zstd.h)
    find_library(SHEAF_ZSTD_LIBRARY zstd)
    mark_as_advanced(SHEAF_ZSTD_INCLUDE_DIR SHEAF_ZSTD_LIBRARY)
    if(SHEAF_ZSTD_INCLUDE_DIR AND SHEAF_ZSTD_LIBRARY)
        add_library(zstd::zstd UNKNOWN IMPORTED)
        set_target_properties(zstd::zstd PROPERTIES
            IMPORTED_LOCATION "${SHEAF_ZSTD_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${SHEAF_ZSTD_INCLUDE_DIR}")
    endif()
endif()
