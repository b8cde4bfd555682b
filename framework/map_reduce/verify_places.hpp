// Where units of a run that is verified are made the second time: in another process than the first, if there is one. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace sheaf::detail {

/// The server gives a job to whichever worker asks first; one that is not to have it hands it back. That goes on for a while, since the
/// others may be busy; where no others are seen only the first unit waits, and not for long where none are known, since a
/// worker that has just begun may not be known yet.
class verify_places {
  public:
    /// `workers`: how many offer the job, as far as is known.
    explicit verify_places(std::size_t workers) : patience_(workers == 1 ? 4 : 8) {}

    /// Some worker has made an attempt.
    void note_worker(const std::string& name) { seen_.insert(name); }
    /// The unit's first attempt was made by `first`, and the second was handed back so often: who is not to make it. Empty: anybody may.
    [[nodiscard]] std::string not_by(const std::string& first, unsigned handed_back);
    /// Both attempts at a unit have given the same.
    void note_verified(const std::string& first, const std::string& second);
    /// What the report has to say of it. Empty: nothing.
    [[nodiscard]] std::string remark() const;

  private:
    std::set<std::string> seen_;
    unsigned patience_;     // hand-backs
    bool in_vain_ = false;  // nobody but the first one seems to be there
    std::uint64_t verified_ = 0;
    std::uint64_t in_one_ = 0;
};

}  // namespace sheaf::detail
