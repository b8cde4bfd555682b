// Each kind of client with each kind of worker, through our server and through stock gearmand: what comes of a dozen features. In
// short, our client with each worker and our worker with each client on our server; all of it with SHEAF_INTEROP_TESTS.
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "integration/interop/lacks.hpp"
#include "integration/interop/stage.hpp"

namespace sheaf::test::interop {
namespace {

struct pair {
    server where;
    peer client;
    peer worker;
};

std::string name(const pair& one) {
    return std::string(name_of(one.where)) + "_" + std::string(name_of(one.client)) + "_to_" +
           std::string(name_of(one.worker));
}
void PrintTo(const pair& one, std::ostream* out) { *out << name(one); }

std::vector<pair> all_pairs() {
    const bool everything = std::getenv("SHEAF_INTEROP_TESTS") != nullptr;
    std::vector<pair> pairs;
    for (const server where : {server::sheafd, server::gearmand}) {
        for (const peer client : all_peers) {
            for (const peer worker : all_peers) {
                const bool with_us = where == server::sheafd && (client == peer::ours || worker == peer::ours);
                if (everything || with_us) pairs.push_back({where, client, worker});
            }
        }
    }
    return pairs;
}

/// How many features work in full, and why others do not: printed at the end, and to where ./dev takes it from.
class report {
  public:
    void add(const pair& which, std::size_t in_full, const std::set<std::string>& lacks) {
        in_full_[which.where][{which.client, which.worker}] = in_full;
        lacks_.insert(lacks.begin(), lacks.end());
    }
    [[nodiscard]] std::string text() const {
        std::ostringstream out;
        for (const auto& [where, cells] : in_full_) print_grid(out, where, cells);
        for (const std::string& lack : lacks_) out << "  " << lack << '\n';
        return out.str();
    }

  private:
    using grid = std::map<std::pair<peer, peer>, std::size_t>;

    static void print_grid(std::ostream& out, server where, const grid& cells) {
        out << "Of " << all_features.size() << " features, with " << name_of(where) << ":\n"
            << std::setw(14) << "worker:";
        for (const peer worker : all_peers) out << std::setw(9) << name_of(worker);
        for (const peer client : all_peers) {
            out << "\n" << std::setw(14) << std::string(name_of(client)) + " client";
            for (const peer worker : all_peers) {
                const auto cell = cells.find({client, worker});
                out << std::setw(9) << (cell == cells.end() ? "" : std::to_string(cell->second));
            }
        }
        out << '\n';
    }

    std::map<server, grid> in_full_;
    std::set<std::string> lacks_;
};

std::string describe(const lack& one) {
    return std::string(name_of(one.who)) + (one.as == role::client ? " client, " : " worker, ") +
           std::string(name_of(one.which)) + ": " + std::string(one.why) +
           (one.only ? " (with " + std::string(name_of(*one.only)) + ")" : "");
}

class matrix : public ::testing::TestWithParam<pair> {
  protected:
    static void TearDownTestSuite() {
        const std::string text = seen().text();
        std::cout << text;
        if (const char* const file = std::getenv("SHEAF_INTEROP_REPORT")) std::ofstream(file, std::ios::app) << text;
    }
    static report& seen() {
        static report all;
        return all;
    }
};

TEST_P(matrix, each_feature_works_or_is_known_to_be_lacking) {
    const auto [where, client, worker] = GetParam();
    require(client);
    require(worker);
    stage scene(where, worker);
    std::size_t in_full = 0;
    std::set<std::string> lacks;
    for (const feature which : all_features) {
        SCOPED_TRACE(name_of(which));
        const outcome wanted = expected(where, which, client, worker);
        try {
            EXPECT_EQ(scene.show(which, client), wanted);
        } catch (const peer_failure& failure) {
            FAIL() << failure.what();
        }
        if (wanted == ideal(which)) ++in_full;
        if (const lack* const one = find_lack(where, client, role::client, which)) lacks.insert(describe(*one));
        if (const lack* const one = find_lack(where, worker, role::worker, which)) lacks.insert(describe(*one));
    }
    seen().add(GetParam(), in_full, lacks);
}

INSTANTIATE_TEST_SUITE_P(with, matrix, ::testing::ValuesIn(all_pairs()),
                         [](const auto& one) { return name(one.param); });

TEST(lacks, change_what_is_seen) {
    for (const lack& one : all_lacks()) {
        EXPECT_NE(one.seen(ideal(one.which)), ideal(one.which)) << describe(one);
    }
}

}  // namespace
}  // namespace sheaf::test::interop
