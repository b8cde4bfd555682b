#include "output/typed_parts.hpp"

#include <system_error>

#include <sheaf/detail/file.hpp>
#include <sheaf/detail/for_each_split.hpp>
#include <sheaf/detail/record_lengths.hpp>
#include <sheaf/detail/typed_file.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

using take_records = std::function<void(std::string_view records)>;

// As input is read, with all its checks.
void for_each_stretch(const fs::path& path, const take_records& take) {
    input_piece piece;
    piece.path = path.string();
    piece.length = piece.file_size = fs::file_size(path);
    input_format format;
    format.records = record_format::typed;
    format.packing = compression::none;
    (void)walk_pieces({std::move(piece)}, {std::move(format)}, {}, [&](const split_source& from) {
        take(from.bytes);
        return true;
    });
}

// Runs `step`, whose failures at files become errors, but that its host cannot do it now.
template <class Step>
basic_result<void, error> checked(const Step& step) {
    try {
        step();
        return {};
    } catch (const host_refused&) {
        throw;
    } catch (const unit_refused& why) {
        return error{errc::io_error, why.message};
    } catch (const std::system_error& why) {
        return error{errc::io_error, why.what()};
    }
}

}  // namespace

basic_result<void, error> for_each_typed_record(const fs::path& path,
                                                const std::function<void(std::string_view)>& take) {
    return checked([&] {
        for_each_stretch(path, [&](std::string_view records) {
            length_cursor cursor(records);
            for (std::string_view record; cursor.next(record);) take(record);
        });
    });
}

basic_result<void, error> join_typed_files(const std::vector<fs::path>& parts, const std::string& schema,
                                           const fs::path& to) {
    return checked([&] {
        file joined = file::create(to.string());
        typed_file_writer frame(schema);
        joined.write(typed_file_writer::begin());
        for (const fs::path& part : parts) {
            for_each_stretch(part, [&](std::string_view records) {
                frame.add(records);
                joined.write(records);
            });
        }
        joined.write(frame.end());
        joined.close();
    });
}

}  // namespace sheaf::detail
