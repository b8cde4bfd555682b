// All that a map/reduce run can read, and what mappers take of it.
//
//     made by                      the mapper takes
//     text_files, word_files       text_split
//     csv_files                    csv_split
//     fixed_records                fixed_split
//     whole_files                  file_split
//     numbers                      number_split
//     typed_files<T>, values       typed_split<T>
//     typed_files<pair<K, V>>      pair_split<K, V>
//     from_source                  source_split<Part>
#pragma once

#include <sheaf/csv_split.hpp>
#include <sheaf/file_split.hpp>
#include <sheaf/fixed_split.hpp>
#include <sheaf/input.hpp>
#include <sheaf/number_split.hpp>
#include <sheaf/source_split.hpp>
#include <sheaf/text_split.hpp>
#include <sheaf/typed_split.hpp>
