# Third-party packages. What they offer to our targets:
#
#   Threads::Threads  Boost::headers  Boost::serialization  TBB::tbb  spdlog::spdlog  fmt::fmt  CLI11::CLI11
#   sheaf::asio       Boost.Asio, compiled once
#   sheaf::cereal     cereal's headers
#   sheaf::xxhash     libxxhash
#   GTest::gtest_main GTest::gmock   (with SHEAF_BUILD_TESTS)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS serialization)
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)

find_path(SHEAF_CEREAL_INCLUDE_DIR cereal/cereal.hpp REQUIRED)
find_path(SHEAF_XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
find_library(SHEAF_XXHASH_LIBRARY xxhash REQUIRED)
mark_as_advanced(SHEAF_CEREAL_INCLUDE_DIR SHEAF_XXHASH_INCLUDE_DIR SHEAF_XXHASH_LIBRARY)

# /usr/include must not be named as a system directory: that breaks #include_next in libstdc++.
function(sheaf_system_include target directory)
    if(NOT directory IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
        target_include_directories(${target} SYSTEM INTERFACE "$<BUILD_INTERFACE:${directory}>")
    endif()
endfunction()

add_library(sheaf_cereal INTERFACE)
add_library(sheaf::cereal ALIAS sheaf_cereal)
sheaf_system_include(sheaf_cereal "${SHEAF_CEREAL_INCLUDE_DIR}")

add_library(sheaf_xxhash INTERFACE)
add_library(sheaf::xxhash ALIAS sheaf_xxhash)
sheaf_system_include(sheaf_xxhash "${SHEAF_XXHASH_INCLUDE_DIR}")
target_link_libraries(sheaf_xxhash INTERFACE "$<BUILD_INTERFACE:${SHEAF_XXHASH_LIBRARY}>" $<INSTALL_INTERFACE:xxhash>)

# Asio's implementation is compiled here and nowhere else: every other file sees declarations only.
add_library(sheaf_boost_asio STATIC "${PROJECT_SOURCE_DIR}/runtime/net/asio_impl.cpp")
add_library(sheaf::asio ALIAS sheaf_boost_asio)
set_target_properties(sheaf_cereal PROPERTIES EXPORT_NAME cereal)
set_target_properties(sheaf_xxhash PROPERTIES EXPORT_NAME xxhash)
set_target_properties(sheaf_boost_asio PROPERTIES EXPORT_NAME asio POSITION_INDEPENDENT_CODE ON)
target_compile_features(sheaf_boost_asio PUBLIC cxx_std_20)
target_compile_definitions(sheaf_boost_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(sheaf_boost_asio PUBLIC Boost::headers Threads::Threads)

if(SHEAF_BUILD_TESTS AND NOT SHEAF_FUZZ)
    find_package(GTest REQUIRED)
endif()
