// A small program under the rules of a disk_faults: perl, whose calls are those of C.
#include "support/disk_faults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"

namespace sheaf::test {
namespace {

using testing::ElementsAre;

class disk_faults_of_a_program : public testing::Test {
  protected:
    /// Runs `script` with the path of a file in $f; what it prints.
    std::string run(const std::string& script) {
        const std::string text = "use IO::Handle; $|=1; $f='" + file("data") + "'; open($h,'>>',$f); " + script;
        process perl(command{{"perl", "-e", text}, faults.environment()});
        std::string said = perl.read_all();
        status = perl.wait().value();
        return said;
    }
    [[nodiscard]] std::string file(const std::string& name) const { return (place / name).string(); }

    scratch_directory place;
    disk_faults faults;
    int status = -1;
};

// Says how a call went.
constexpr const char* write_thrice = "for (1..3) { print syswrite($h,'abc') ? 'ok ' : ($!+0).' ' }";

TEST_F(disk_faults_of_a_program, are_none_without_rules) {
    EXPECT_EQ(run(write_thrice), "ok ok ok ");
    EXPECT_EQ(read_file(file("data")), "abcabcabc");
}

TEST_F(disk_faults_of_a_program, fail_the_call_that_they_name_of_the_file_that_they_name) {
    const auto rule = faults.arm({.error = ENOSPC, .file = "data", .passing = 1, .times = 1});
    faults.arm({.error = EIO, .file = "another"});
    EXPECT_EQ(run(write_thrice), "ok " + std::to_string(ENOSPC) + " ok ");
    EXPECT_EQ(read_file(file("data")), "abcabc");
    EXPECT_EQ(faults.hits(rule), 1U);
    faults.disarm_all();
    EXPECT_EQ(run(write_thrice), "ok ok ok ");
}

TEST_F(disk_faults_of_a_program, fail_syncs_and_renames) {
    faults.arm({.of = shim::call::sync, .error = EIO, .file = "data", .times = 1});
    faults.arm({.of = shim::call::rename, .error = EXDEV, .file = "new", .times = 1});
    EXPECT_EQ(run("print $h->sync ? 'ok' : $!+0, ' ', $h->sync ? 'ok' : $!+0, ' ';"
                  "print rename($f,\"$f.new\") ? 'ok' : $!+0, ' ', rename($f,\"$f.new\") ? 'ok' : $!+0;"),
              std::to_string(EIO) + " ok " + std::to_string(EXDEV) + " ok");
}

TEST_F(disk_faults_of_a_program, let_it_end_before_or_after_a_call) {
    faults.arm({.what = shim::action::exit, .file = "data", .passing = 1, .times = 1});
    EXPECT_EQ(run(write_thrice), "ok ");
    EXPECT_EQ(status, disk_fault_exit);
    EXPECT_EQ(read_file(file("data")), "abc");
    faults.disarm_all();
    faults.arm({.what = shim::action::exit_after, .file = "data"});
    EXPECT_EQ(run(write_thrice), "");
    EXPECT_EQ(status, disk_fault_exit);
    EXPECT_EQ(read_file(file("data")), "abcabc");
}

TEST_F(disk_faults_of_a_program, let_it_wait) {
    faults.arm({.of = shim::call::sync, .what = shim::action::delay, .milliseconds = 50, .file = "data"});
    EXPECT_GE(std::stod(run("use Time::HiRes 'time'; $t=time; $h->sync; print time-$t")), 0.05);
}

TEST_F(disk_faults_of_a_program, tell_the_order_of_its_calls) {
    faults.start_log("data");
    run("use Socket; socketpair($a,$b,AF_UNIX,SOCK_STREAM,0); syswrite($h,'abc'); $h->sync; send($a,'said',0);");
    const auto all = faults.log();
    std::vector<shim::event_kind> order;
    for (const disk_event& one : all) order.push_back(one.what);
    using enum shim::event_kind;
    ASSERT_THAT(order, ElementsAre(written, sync_begins, synced, sends));
    EXPECT_EQ(all[0].path, file("data"));
    EXPECT_EQ(all[0].data, "abc");
    EXPECT_EQ(all[3].data, "said");
}

}  // namespace
}  // namespace sheaf::test
