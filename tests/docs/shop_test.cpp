// The guide's page about clusters: a unit test of tasks, in one process.
#include <numeric>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <sheaf/sheaf.hpp>

inline constexpr sheaf::task<"shop.total", int(std::vector<int>)> total{};

void bind_tasks(sheaf::app& app) {
    app.bind(total, [](const std::vector<int>& prices) {
        if (prices.empty()) throw std::invalid_argument("an empty order");
        return std::accumulate(prices.begin(), prices.end(), 0);
    });
}

// [test]
TEST(shop, adds_up_an_order) {
    sheaf::app app{"shop"};
    bind_tasks(app);  // as main does
    sheaf::cluster cluster = app.inproc();
    EXPECT_EQ(cluster.call(total({3, 4})), 7);
    EXPECT_THROW(cluster.call(total(std::vector<int>{})), sheaf::remote_error);
}
// [/test]
