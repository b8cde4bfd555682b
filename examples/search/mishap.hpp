// A worker that hangs, on purpose.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <cereal/cereal.hpp>

#include <sheaf/context.hpp>

// What goes wrong: of the workers that are asked for `shard`, the first never answers. Travels with the query.
struct mishap {
    std::optional<std::uint32_t> shard;  // empty: nothing does
    std::string mark;                    // the directory by whose making a worker knows that it is the first

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(shard), CEREAL_NVP(mark));
    }

    // On the worker: returns when the caller has given up, or at once when this call is not the one.
    void happen(std::uint32_t asked, const sheaf::context& context) const;
};

// A mishap that the driver plans, and tidies up after.
class planned_mishap {
  public:
    explicit planned_mishap(std::optional<std::uint32_t> shard);
    ~planned_mishap();
    planned_mishap(const planned_mishap&) = delete;
    planned_mishap& operator=(const planned_mishap&) = delete;

    [[nodiscard]] const mishap& what() const noexcept { return what_; }

  private:
    mishap what_;
};
