// The files of a queue that root has opened for another user, who goes on with them.
#pragma once

#include <filesystem>
#include <string>

namespace sheaf::apps {

/// What becomes of a data directory when sheafd is started by root with --user. Before the queue is opened in it, this is made.
class queue_handover {
  public:
    /// `user` is to have the queue in `directory`. Does nothing when this is not root's process. Throws runtime_failure when there is no
    /// such user, and when the directory is there already and that user may not make files in it.
    queue_handover(std::filesystem::path directory, std::string user);

    /// When the queue is open: gives its files and its copies to the user, and the directory, too, if it was not there before. Nothing
    /// else in it is touched, nor what links lead to. Throws runtime_failure.
    void give() const;

  private:
    std::filesystem::path directory_;
    std::string user_;
    bool was_there_ = false;
};

}  // namespace sheaf::apps
