// A SQLite database and its statements: owners of its handles, with its errors as exceptions.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_file;
struct sqlite3_stmt;

namespace sheaf::store {

/// What SQLite said.
class sqlite_failure : public std::runtime_error {
  public:
    sqlite_failure(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
    /// SQLite's extended result code.
    [[nodiscard]] int code() const noexcept { return code_; }

  private:
    int code_;
};

/// A prepared statement, run again and again. What is bound must live until the step after it.
class sqlite_statement {
  public:
    explicit sqlite_statement(sqlite3_stmt* made) noexcept : statement_(made) {}

    /// Binds parameter number `at`, from 1.
    sqlite_statement& bind(int at, std::int64_t number);
    sqlite_statement& bind(int at, std::string_view bytes);

    /// Goes on to the next row: false when there is none. Throws sqlite_failure.
    bool step();
    /// Runs it to its end, and makes it ready for the next time.
    void run();
    /// Makes it ready for the next time, although there may be more rows.
    void stop() noexcept;

    /// Of the current row; columns count from 0. Bytes are good until the next step.
    [[nodiscard]] std::int64_t number(int column) const noexcept;
    [[nodiscard]] std::string_view bytes(int column) const noexcept;

  private:
    struct closer {
        void operator()(sqlite3_stmt* one) const noexcept;
    };
    std::unique_ptr<sqlite3_stmt, closer> statement_;
};

/// Stops a statement at the end of a block.
class statement_end {
  public:
    explicit statement_end(sqlite_statement& one) noexcept : one_(one) {}
    statement_end(const statement_end&) = delete;
    statement_end& operator=(const statement_end&) = delete;
    ~statement_end() { one_.stop(); }

  private:
    sqlite_statement& one_;
};

/// A database file with one connection to it. Used by one thread at a time.
class sqlite_file {
  public:
    /// Opens it, or makes it. Throws sqlite_failure.
    explicit sqlite_file(const std::string& path);
    /// Opens one that is there, to look and not to touch: what is in it stays as it is, unless its last writer died in the middle
    /// of a change, which is then undone. Throws sqlite_failure.
    [[nodiscard]] static sqlite_file for_reading(const std::string& path);

    /// Opens one that nobody else has open, and leaves it and its log as they are, to the byte. Throws sqlite_failure.
    [[nodiscard]] static sqlite_file untouched(const std::string& path);

    /// Opens the file as if it had no log, to look at it only. Throws sqlite_failure.
    [[nodiscard]] static sqlite_file without_log(const std::string& path);

    /// Whether the log stays as it is when the file is closed; or else what is in it is written back, and it goes.
    void keep_log(bool stays) noexcept;

    /// Runs what has no parameters and no interesting rows. Throws sqlite_failure.
    void run(const char* sql);
    /// The first column of the first row; 0 when there is none.
    [[nodiscard]] std::int64_t number(const char* sql);
    [[nodiscard]] std::string text(const char* sql);
    [[nodiscard]] sqlite_statement prepare(const char* sql);
    /// What a PRAGMA that checks the pages finds: a line each, none when all is well. Throws sqlite_failure.
    [[nodiscard]] std::vector<std::string> faults(const char* check);

    /// For what SQLite has besides.
    [[nodiscard]] sqlite3* handle() const noexcept { return database_.get(); }

    /// How much of the write-ahead log has not been written back to the file, as of the last commit.
    [[nodiscard]] std::int64_t log_bytes() const noexcept;
    /// Does so: the log begins at its front again, over what it has written before. Throws sqlite_failure.
    void write_back_log();
    /// Makes the log's file `bytes` long, in full blocks, so that writing to it leaves where its blocks are as it is; a file that
    /// grows has to sync that too. After the first commit. Where there is no space for that the log is only slower. Throws
    /// sqlite_failure when the disk does not take what it is given.
    void lengthen_log(std::int64_t bytes);

    /// Takes away what is in the log's file behind its first `bytes`, which are all that SQLite reads of it: what a crash has left.
    /// Needs no space. Throws sqlite_failure.
    void cut_log(std::uint64_t bytes);
    /// Writes the log back and makes its file as short as that allows, since the space is needed. Throws sqlite_failure.
    void shorten_log();
    [[nodiscard]] std::int64_t log_file_bytes() const noexcept;

    /// Undoes what has not been committed, if SQLite has not done so by itself.
    void roll_back() noexcept;

  private:
    sqlite_file(const std::string& path, int flags);

    struct closer {
        void operator()(sqlite3* one) const noexcept;
    };
    struct log_state {
        int pages = 0;   ///< that have not been written back
        int frames = 0;  ///< that the log had with the last commit, written back or not
    };
    [[nodiscard]] sqlite3_file* log() const noexcept;

    std::unique_ptr<log_state> log_ = std::make_unique<log_state>();  // where SQLite's hook finds it
    std::unique_ptr<sqlite3, closer> database_;
};

}  // namespace sheaf::store
