// SPDX-License-Identifier: BSD-3-Clause
// The reader as a whole: which format, where the bytes are cut, how much memory, how it ends.
#include "weir/samples/flights/reader.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "weir/tests/samples/flights_input.hpp"

using namespace flights;
using namespace flights::test;

namespace {

const std::string header = "date,delay,distance,origin,destination\n";
const std::string csv = header +
                        "2001-01-01 00:01,33,2176,LAS,PHL\n"
                        "2001-01-31 23:59,-19,215,ATL,00M\n";
const std::string json =
    R"([{"date":"2001/01/01 00:01","delay":33,"distance":2176,"origin":"LAS","destination":"PHL"},)"
    R"({"destination":"00M","origin":"ATL","distance":215,"delay":-19,"date":"2001/01/31 23:59"}])";

std::vector<departure> two_departures() {
  using namespace std::chrono_literals;
  return {departure_of("LAS", "PHL", 33, 2176, 2001y / 1 / 1, 1),
          departure_of("ATL", "00M", -19, 215, 2001y / 1 / 31, 23 * 60 + 59)};
}

// Deletes, doubles and changes bytes of `text`, favouring those that mean something.
std::string damaged(std::string text, weir::random& random) {
  static const std::string meaningful = "{}[]\",:\\\n\r \xc3\xa9\xff-0e";
  for (auto count = random.below(6); count > 0; --count) {
    const auto at = random.below(text.size());
    const char byte = random.chance(0.7) ? meaningful[random.below(meaningful.size())]
                                         : static_cast<char>(random.below(256));
    if (random.chance(0.3)) {
      text.erase(at, 1 + random.below(8));
    } else if (random.chance(0.5)) {
      text.insert(at, 1, byte);
    } else {
      text[at] = byte;
    }
    if (text.empty()) return "x";
  }
  return text;
}

std::string sample_file() {
  return std::string{WEIR_SOURCE_DIR} + "/samples/flights/data/flights-20k.json";
}

class temporary_file {
 public:
  explicit temporary_file(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("weir_flights_" + std::to_string(::getpid()) + ".txt")) {
    std::ofstream{path_, std::ios::binary} << bytes;
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("the format is known by the content, with or without a byte order mark", "[flights]") {
  for (const auto& text : {csv, json}) {
    for (const std::string before : {"", "\xef\xbb\xbf", "\n \t\r\n", "\xef\xbb\xbf\n"}) {
      const auto all = read_whole(before + text);
      CHECK(all.failure == "");
      CHECK(transcript(all) == "");
      CHECK(all.departures == two_departures());
    }
  }
}

TEST_CASE("an input without records of either kind is refused by name", "[flights]") {
  CHECK(read_whole("").failure == "malformed: input: the input is empty");
  CHECK(read_whole(" \n\n ").failure == "malformed: input: the input is empty");
  CHECK(read_whole("\xef\xbb\xbf").failure == "malformed: input: the input is empty");
  CHECK(read_whole("{\"date\":1}").failure ==
        "malformed: input: expected a JSON array or a CSV header, found '{'");
  CHECK(read_whole("\x28\xb5\x2f\xfd zstd").failure ==
        "malformed: input: the input is compressed; decompress it first");
  CHECK(read_whole("\x1f\x8b gzip").failure ==
        "malformed: input: the input is compressed; decompress it first");
}

TEST_CASE("an empty array and a header alone are inputs with no records", "[flights]") {
  for (const auto& text : {std::string{"[]"}, std::string{" [ ] \n"}, header}) {
    const auto all = read_whole(text);
    CHECK(all.failure == "");
    CHECK(all.departures.empty());
    CHECK(all.problems.empty());
  }
}

TEST_CASE("the same bytes give the same records wherever reads cut them", "[flights][property]") {
  std::size_t problems = 0, failures = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    weir::random random{seed};
    const auto text = damaged(seed % 2 == 0 ? csv + csv.substr(header.size()) : json, random);
    const auto whole = read_whole(text);
    problems += whole.problems.size();
    failures += whole.failure.empty() ? 0 : 1;
    CHECK(read_pieces(text, seed, 1) == whole);
    CHECK(read_pieces(text, seed, 1 + random.below(60)) == whole);
  }
  CHECK(problems > 500);
  CHECK(failures > 100);
}

TEST_CASE("records around the length limit do not depend on where reads cut them", "[flights]") {
  const auto size = GENERATE(std::size_t{5000}, max_record_bytes - 1, max_record_bytes,
                             max_record_bytes + 1, max_record_bytes + 2, window::max_bytes + 9);
  const bool fits = size <= max_record_bytes;
  const std::string start = R"({"date":"2001/01/01 00:01","delay":33,"distance":2176,"note":")";
  const std::string end = R"(","origin":"LAS","destination":"PHL"})";
  const auto text = "[" + start + std::string(size - start.size() - end.size(), 'x') + end + "]";
  const auto line = std::string(size, 'x');
  const auto lines = header + line + "\r\n" + csv.substr(header.size());
  for (const auto from : {std::size_t{4500}, size - 4, max_record_bytes - 4}) {
    for (auto cut = from; cut < from + 8; ++cut) {
      CAPTURE(size, cut);
      const auto in_json =
          read_all(reader::over(std::make_unique<cut_source>(text, 1 + cut), "input"));
      CHECK(in_json.failure == "");
      CHECK(in_json.departures.size() == (fits ? 1 : 0));
      CHECK(transcript(in_json) == (fits ? "" : "1::too_long: the record is longer than 1 MiB\n"));
      const auto in_csv = read_all(
          reader::over(std::make_unique<cut_source>(lines, header.size() + cut), "input"));
      CHECK(in_csv.departures == two_departures());
      REQUIRE(in_csv.problems.size() == 1);
      CHECK(in_csv.problems[0].code ==
            (fits ? weir::errc::missing_field : weir::errc::too_long));
      CHECK(in_csv.problems[0].raw == line.substr(0, max_raw_bytes));
    }
  }
}

TEST_CASE("a single line of 100 MB costs a kilobyte of dead letter and no memory", "[flights]") {
  const std::uint64_t size = 100'000'000;
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto read = [size](std::string start, char byte, std::string end) {
    return read_all(reader::over(
        std::make_unique<repeating_source>(std::move(start), byte, size, std::move(end)), "i"));
  };
  const auto in_csv = read(header, 'x', "\n" + csv.substr(header.size()));
  const auto in_json = read("[{\"date\":\"", 'x', "\"}," + json.substr(1));
  const auto not_object = read("[\"{", '}', "\"," + json.substr(1));
  const auto blank = read("", ' ', json);
  ::getrusage(RUSAGE_SELF, &after);
  CHECK(transcript(in_csv) == "1::too_long: the line is longer than 1 MiB\n");
  CHECK(transcript(in_json) == "1::too_long: the record is longer than 1 MiB\n");
  CHECK(transcript(not_object) == "1::wrong_type: not an object, found a string\n");
  for (const auto& all : {in_csv, in_json, not_object, blank}) {
    CHECK(all.departures == two_departures());
    CHECK(all.failure == "");
    for (const auto& problem : all.problems) CHECK(problem.raw.size() == max_raw_bytes);
  }
  CHECK(after.ru_maxrss - before.ru_maxrss < 32 * 1024);  // KiB
}

TEST_CASE("a header line of 100 MB is refused without reading it all", "[flights]") {
  const auto all =
      read_all(reader::over(std::make_unique<repeating_source>("", 'x', 100'000'000, ""), "i"));
  CHECK(all.failure == "too_long: i: the header is longer than 1 MiB");
}

TEST_CASE("a truncated file keeps what was read and names file and record", "[flights]") {
  const auto cut = json.find("\"00M\"");
  auto all = read_whole(json.substr(0, cut));
  CHECK(origins(all) == "LAS");
  CHECK(all.failure == "malformed: input: record 2: the file ends inside it");
  all = read_whole(json.substr(0, json.size() - 1));
  CHECK(origins(all) == "LAS ATL");
  CHECK(all.failure == "malformed: input: record 3: the file ends before it, without a closing ]");
  all = read_whole(csv.substr(0, csv.find(",ATL")));
  CHECK(origins(all) == "LAS");
  CHECK(all.failure == "malformed: input: record 2: the file ends inside it, at field origin");
  all = read_whole(csv.substr(0, csv.find("00M")));
  CHECK(all.failure == "malformed: input: record 2: the file ends inside it, at field destination");
  all = read_whole(csv.substr(0, csv.size() - 1));
  CHECK(all.failure == "");
  CHECK(origins(all) == "LAS ATL");
}

TEST_CASE("a record cut just below the length limit is truncated, not too long", "[flights]") {
  const std::string start = "[{\"note\":\"";
  const auto cut = start + std::string(max_record_bytes - start.size(), 'x');
  CHECK(read_whole(cut).failure == "malformed: input: record 1: the file ends inside it");
  CHECK(transcript(read_whole(cut + "x")) == "1::too_long: the record is longer than 1 MiB\n");
}

TEST_CASE("a read that fails is final, after the records before it", "[flights]") {
  for (const auto& [text, failure] :
       {std::pair{csv, "io_failed: input: record 3: cannot read: the disk is gone"},
        std::pair{json.substr(0, json.size() - 9),
                  "io_failed: input: record 2: cannot read: the disk is gone"}}) {
    auto source = std::make_unique<piecewise_source>(text, 1, 9);
    source->fail_at_end({weir::errc::io_failed, "cannot read: the disk is gone"});
    const auto all = read_all(reader::over(std::move(source), "input"));
    CHECK_FALSE(all.departures.empty());
    CHECK(all.failure == failure);
  }
}

TEST_CASE("a missing file and a folder are named", "[flights]") {
  CHECK(read_all(reader::open("/nowhere/flights.csv")).failure ==
        "not_found: /nowhere/flights.csv: cannot open: No such file or directory");
  CHECK(read_all(reader::open("/")).failure == "io_failed: /: cannot read: Is a directory");
}

TEST_CASE("a file is read to its last byte and knows its size", "[flights]") {
  const temporary_file file{csv};
  auto opened = reader::open(file.path());
  REQUIRE(opened);
  CHECK(opened->total_bytes() == csv.size());
  departure record;
  malformed problem;
  std::uint64_t last = opened->bytes_read();
  for (auto got = opened->next(record, problem); got && *got != outcome::end;
       got = opened->next(record, problem)) {
    CHECK(opened->bytes_read() >= last);
    last = opened->bytes_read();
  }
  CHECK(opened->bytes_read() == csv.size());
}

TEST_CASE("a reader that waits for a silent pipe can be stopped", "[flights]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto source = open_source("/dev/fd/" + std::to_string(ends[0]), [] { return true; });
  REQUIRE(source);
  CHECK(read_all(reader::over(std::move(*source), "pipe")).failure ==
        "cancelled: pipe: reading was cancelled");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("the sample's 20,000 records are the same as JSON and as CSV", "[flights]") {
  const auto from_json = read_all(reader::open(sample_file()));
  REQUIRE(from_json.departures.size() == 20000);
  CHECK(from_json.problems.empty());
  CHECK(from_json.failure == "");
  auto text = header;
  for (const auto& one : from_json.departures) {
    const auto stamp = weir::to_string(one.at);
    text += stamp.substr(0, 10) + " " + stamp.substr(11, 5) + "," +
            std::to_string(one.delay_minutes) + "," + std::to_string(one.distance_miles) + "," +
            std::string{one.origin.view()} + "," + std::string{one.destination.view()} + "\n";
  }
  const auto from_csv = read_pieces(text, 3, 100'000);
  CHECK(from_csv == from_json);
}
