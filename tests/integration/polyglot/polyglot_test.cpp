// Tasks across languages: called typed from C++ and served in Perl, and the reverse, on sheafd and on stock gearmand.
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "integration/cluster/gearmand_process.hpp"
#include "integration/cluster/worker_program.hpp"
#include "support/sheafd_process.hpp"
#include <sheaf/cluster.hpp>
#include <sheaf/json.hpp>

namespace sheaf::test {
namespace {

struct record {
    std::int64_t number = 0;
    std::string text;
    std::vector<double> list;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(number), CEREAL_NVP(text), CEREAL_NVP(list));
    }
    friend bool operator==(const record&, const record&) = default;
};
struct refused : std::runtime_error {
    using std::runtime_error::runtime_error;
    static constexpr std::string_view json_name = "refused";
    int code = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(code));
    }
};

constexpr task<"perl.echo", record(record), json> echo{};
constexpr task<"perl.refuse", void(int), json, throws<refused>> refuse{};
constexpr task<"perl.die", int(), json> die{};
constexpr task<"perl.fail", int(), json> fail{};
constexpr task<"perl.wrong", record(), json> wrong{};

const std::string scripts = std::string(SHEAF_SOURCE_DIR) + "/tests/integration/polyglot/";
const std::string example = std::string(SHEAF_SOURCE_DIR) + "/examples/polyglot/";

/// A worker in Perl, which is connecting when the constructor returns.
class perl_worker {
  public:
    perl_worker(const std::string& script, const endpoint& server) : child_({"perl", script, to_string(server)}) {
        if (!child_.read_line()) {
            throw peer_failure("the Perl worker does not start (./dev test installs what it needs); it said: " +
                               child_.error_output());
        }
    }

  private:
    process child_;
};

template <class Server>
class polyglot : public ::testing::Test {
  protected:
    [[nodiscard]] cluster calls() const { return cluster::connect(to_string(server_.where())); }
    [[nodiscard]] const endpoint& where() const { return server_.where(); }
    /// What a client in Perl says of its call.
    [[nodiscard]] std::string perl_call(const std::string& function, const std::string& payload) const {
        process client({"perl", scripts + "client.pl", to_string(where()), function, payload});
        std::string said = client.read_all();
        EXPECT_EQ(client.wait(), 0) << client.error_output();
        return said;
    }

  private:
    Server server_;
};

using servers = ::testing::Types<sheafd_process, gearmand_process>;
TYPED_TEST_SUITE(polyglot, servers);

const call_options soon{.deadline = patience};

TYPED_TEST(polyglot, a_worker_in_perl_is_called_typed) {
    const perl_worker worker(scripts + "worker.pl", this->where());
    const record sent{std::numeric_limits<std::int64_t>::min(), "é\n\"𝄞", {0.5, -1e300}};
    EXPECT_EQ(this->calls().call(echo(sent), soon), sent);
}

TYPED_TEST(polyglot, its_failures_are_told_apart) {
    const perl_worker worker(scripts + "worker.pl", this->where());
    auto calls = this->calls();
    try {
        calls.call(refuse(7), soon);
        ADD_FAILURE() << "not refused";
    } catch (const refused& why) {
        EXPECT_STREQ(why.what(), "not today");
        EXPECT_EQ(why.code, 7);
    }
    EXPECT_EQ(calls.try_call(fail(), soon).error().code, errc::job_failed);
    EXPECT_EQ(calls.try_call(wrong(), soon).error().message,
              "the result does not fit the task: cannot decode: result.extra: there is no such field");
}

// By itself, because Perl's worker says WORK_FAIL as well, and does not survive what gearmand answers to that.
TYPED_TEST(polyglot, an_exception_that_no_task_declares_is_a_remote_error_with_its_text) {
    const perl_worker worker(scripts + "worker.pl", this->where());
    auto calls = this->calls();
    const auto died = calls.try_call(die(), soon);
    ASSERT_FALSE(died);
    EXPECT_EQ(died.error().code, errc::remote_exception);
    EXPECT_NE(died.error().message.find("gone wrong"), std::string::npos) << died.error().message;
}

TYPED_TEST(polyglot, clients_in_perl_call_a_worker_of_ours) {
    const worker_program workers(to_string(this->where()), "examples/polyglot");
    EXPECT_EQ(this->perl_call("text.join", R"({"args":[["a","\u00e9"],"-"]})"), "complete {\"result\":\"a-é\"}\n");
    const std::string said = this->perl_call("text.join", R"({"args":[["a",1],"-"]})");
    EXPECT_TRUE(
        said.starts_with("exception {\"error\":{\"what\":\"the arguments do not fit the task: cannot decode: "
                         "args[0][1]: a text is expected, and this is a number\""))
        << said;
}

TYPED_TEST(polyglot, the_gearman_tool_calls_a_worker_of_ours) {
    const worker_program workers(to_string(this->where()), "examples/polyglot");
    process client({"gearman", "-h", "127.0.0.1", "-p", std::to_string(this->where().port), "-f", "text.join",
                    R"({"args":[["a","b","c"],"-"]})"});
    EXPECT_EQ(client.read_all(), R"({"result":"a-b-c"})");
    EXPECT_EQ(client.wait(), 0) << client.error_output();
}

TYPED_TEST(polyglot, the_example_says_what_its_readme_shows) {
    const perl_worker worker(example + "worker.pl", this->where());
    process client(command{{program("examples/polyglot"), "To be, or not to be", "?!"},
                           {"SHEAF_SERVER=" + to_string(this->where())}});
    EXPECT_EQ(client.read_all(),
              "6 words, 4 of them distinct; the longest is \"not\"\n"
              "nothing to count: there is no word in it\n");
    EXPECT_EQ(client.wait(), 0) << client.error_output();
}

}  // namespace
}  // namespace sheaf::test
