#include "cluster/socket_directory.hpp"

#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

class socket_directory_test : public ::testing::Test {
  protected:
    socket_directory_test() {
        std::string pattern = (fs::temp_directory_path() / "sheaf-test-XXXXXX").string();
        root = ::mkdtemp(pattern.data());
    }
    ~socket_directory_test() override { fs::remove_all(root); }

    fs::path root;
    fs::path base() const { return root / "base"; }
};

TEST_F(socket_directory_test, is_private_and_gone_with_the_object) {
    fs::path path;
    {
        const socket_directory directory(base());
        path = directory.path();
        struct stat of {};
        ASSERT_EQ(::stat(path.c_str(), &of), 0);
        EXPECT_EQ(of.st_mode & 0777U, 0700U);
        EXPECT_LE(directory.socket_path().size(), 107U);
        std::ofstream(directory.socket_path()) << "in use";
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(socket_directory_test, what_a_killed_process_left_is_swept_and_what_lives_is_not) {
    const socket_directory living(base());
    const pid_t child = ::fork();
    if (child == 0) {
        const socket_directory abandoned(base());
        std::ofstream(abandoned.socket_path()) << "left behind";
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    ASSERT_EQ(std::distance(fs::directory_iterator(base()), fs::directory_iterator{}), 2);

    const socket_directory next(base());
    EXPECT_TRUE(fs::exists(living.path()));
    EXPECT_TRUE(fs::exists(next.path()));
    EXPECT_EQ(std::distance(fs::directory_iterator(base()), fs::directory_iterator{}), 2);
}

TEST_F(socket_directory_test, directories_of_other_kinds_are_not_swept) {
    { const socket_directory first(base()); }
    fs::create_directory(base() / "run-1");
    const socket_directory next(base());
    EXPECT_TRUE(fs::exists(base() / "run-1"));
}

TEST_F(socket_directory_test, a_base_that_others_may_enter_is_refused) {
    fs::create_directory(base());
    fs::permissions(base(), fs::perms::all);
    EXPECT_THROW(socket_directory{base()}, runtime_failure);
}

TEST_F(socket_directory_test, a_base_that_is_a_link_is_refused) {
    fs::create_directory(root / "elsewhere");
    fs::create_symlink(root / "elsewhere", base());
    EXPECT_THROW(socket_directory{base()}, runtime_failure);
}

TEST_F(socket_directory_test, a_base_that_is_too_long_for_a_socket_is_refused) {
    EXPECT_THROW(socket_directory{root / std::string(100, 'x')}, runtime_failure);
}

}  // namespace
}  // namespace sheaf::detail
