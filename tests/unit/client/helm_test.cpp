// Who runs a client's loop: its own thread, or one that waits. Everything that is posted is done, whoever does it.
#include "client/helm.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include "client/hand_off.hpp"

namespace sheaf::test {
namespace {

using runtime::helm;

/// A loop with its own thread. What is asked of it is done in two steps, as a call that goes out and comes back.
class small_client {
  public:
    ~small_client() {
        post([this] { work_.reset(); });
        thread_.join();
        helm_.wait_until_left();
    }

    /// Asks for something and waits for it. Returns the thread that brought it.
    std::thread::id ask() {
        std::thread::id by;
        helm::visit visit(helm_);
        post([&] {
            ++out_;
            if (std::this_thread::get_id() == thread_.get_id()) helm_.offer();
            loop_.post([&] {
                --out_;
                by = std::this_thread::get_id();
                visit.arrived();
            });
        });
        visit.wait();
        return by;
    }

    /// Asks until this thread has brought its answer itself.
    [[nodiscard]] bool gets_the_helm() {
        for (int i = 0; i < 10'000; ++i) {
            if (ask() == std::this_thread::get_id()) return true;
        }
        return false;
    }

    template <class What>
    void post(What what) {
        loop_.post(std::move(what));
        helm_.call();
    }

    [[nodiscard]] helm& at() noexcept { return helm_; }

  private:
    net::loop loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.context().get_executor()};
    int out_ = 0;  // used at the helm
    helm helm_{loop_, {[this] { return out_ <= 1; }, [this] { return out_ != 0; }, [] {}}};
    std::thread thread_{[this] { helm_.run(); }};
};

TEST(helm, a_thread_that_waits_alone_brings_its_answers_itself) {
    small_client client;
    EXPECT_TRUE(client.gets_the_helm());
}

TEST(helm, the_own_thread_does_what_is_posted_while_nobody_waits) {
    small_client client;
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(client.gets_the_helm());
        runtime::hand_off<std::thread::id> done;
        client.post([&] { done.put(std::this_thread::get_id()); });
        EXPECT_NE(done.take(), std::this_thread::get_id());
    }
}

TEST(helm, a_visit_that_never_waits_gives_the_helm_back) {
    small_client client;
    ASSERT_TRUE(client.gets_the_helm());
    runtime::hand_off<bool> done;
    {
        const helm::visit visit(client.at());
        client.post([&] { done.put(true); });
    }
    EXPECT_TRUE(done.take());
}

TEST(helm, threads_that_wait_at_once_all_get_their_answers) {
    small_client client;
    std::atomic<int> answers = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 500; ++i) {
                    if (client.ask() != std::thread::id{}) ++answers;
                }
            });
        }
    }
    EXPECT_EQ(answers, 2000);
}

}  // namespace
}  // namespace sheaf::test
