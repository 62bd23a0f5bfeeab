# Deliberate mistakes, each one change to one source. The driver is linked with the changed source in
# front of the library, and its simulation must find the mistake within so many seeds; without one it
# must find nothing. A change whose place is gone stops the configuration: write it anew.
set(WEIR_MISTAKE_SEEDS 60)

add_library(weir_mistake_driver OBJECT mistakes/driver.cpp)
target_link_libraries(weir_mistake_driver PRIVATE weir_warnings weir::actors)
target_include_directories(weir_mistake_driver PRIVATE "${PROJECT_BINARY_DIR}/include")

function(weir_mistake name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SOURCE;FROM;TO" "")
  set(mistaken)
  set(must_find 0)
  if(arg_SOURCE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
      "${PROJECT_SOURCE_DIR}/${arg_SOURCE}")
    file(READ "${PROJECT_SOURCE_DIR}/${arg_SOURCE}" text)
    string(FIND "${text}" "${arg_FROM}" first)
    string(FIND "${text}" "${arg_FROM}" last REVERSE)
    if(first EQUAL -1 OR NOT first EQUAL last)
      message(FATAL_ERROR "tests/mistakes: '${name}' has no single place in ${arg_SOURCE} any more")
    endif()
    string(REPLACE "${arg_FROM}" "${arg_TO}" text "${text}")
    cmake_path(GET arg_SOURCE FILENAME file)
    set(mistaken "${CMAKE_CURRENT_BINARY_DIR}/mistakes/${name}/${file}")
    file(GENERATE OUTPUT "${mistaken}" CONTENT "${text}")
    set(must_find 1)
  endif()
  add_executable(weir_mistake_${name} $<TARGET_OBJECTS:weir_mistake_driver> ${mistaken})
  target_link_libraries(weir_mistake_${name} PRIVATE weir::actors)
  target_include_directories(weir_mistake_${name} PRIVATE "${PROJECT_BINARY_DIR}/include")
  add_test(NAME "mistakes:${name}" COMMAND bash "${CMAKE_CURRENT_SOURCE_DIR}/mistakes/find.sh"
    $<TARGET_FILE:weir_mistake_${name}> ${WEIR_MISTAKE_SEEDS} ${must_find})
  set_tests_properties("mistakes:${name}" PROPERTIES LABELS mistakes)
endfunction()

weir_mistake(none)
weir_mistake(acknowledges_before_the_store SOURCE actors/broker/partition_actor.cpp
  FROM "const auto reached = settles ? handled : core_.next_offset();"
  TO "const auto reached = settles ? handled : end_of_taken();")
weir_mistake(sends_nothing_to_the_last_cursor SOURCE actors/broker/partition_actor.cpp
  FROM "for (std::size_t i = 0; i < subscribers_.size(); ++i) send_pending("
  TO "for (std::size_t i = 0; i + 1 < subscribers_.size(); ++i) send_pending(")
weir_mistake(retries_behind_later_events SOURCE runtime/delivery/consumer.cpp
  FROM "      lane.state = lane_state::waits_retry;"
  TO "      std::swap(lane.queue.front(), lane.queue.back());\n      lane.state = lane_state::waits_retry;")
weir_mistake(forgets_a_retry SOURCE runtime/delivery/consumer.cpp
  FROM "      out.retries.push_back({lane.id, verdict.delay, ++lane.ticket});"
  TO "      ++lane.ticket;")
weir_mistake(buries_twice SOURCE runtime/delivery/consumer.cpp
  FROM "  out.letters.push_back({lane.id, std::move(letter)});"
  TO "  out.letters.push_back({lane.id, letter});\n  out.letters.push_back({lane.id, std::move(letter)});")
weir_mistake(loses_a_letter SOURCE actors/supervision/dead_letter_actor.cpp
  FROM "    auto stored = store_->put(letter.content);"
  TO "    result<std::uint64_t> stored{1U};
    if (letter.content.offset % 7 != 0) stored = store_->put(letter.content);")
weir_mistake(counts_a_drop_twice SOURCE runtime/topic/partition.cpp
  FROM "      reader.dropped += oldest;" TO "      reader.dropped += 2 * oldest;")
weir_mistake(restart_forgets_what_was_sent SOURCE runtime/topic/partition.cpp
  FROM "  reader.sent = received;" TO "")
weir_mistake(restart_handles_again_what_was_done SOURCE runtime/delivery/consumer.cpp
  FROM "    advance(*lane, context_.index() - lane->index);" TO "")
weir_mistake(keeps_what_a_failed_attempt_did SOURCE runtime/delivery/context.cpp
  FROM "  if (states_ != nullptr) states_->reject();"
  TO "  if (states_ != nullptr) states_->accept();")
weir_mistake(moves_on_without_its_states SOURCE runtime/delivery/consumer_transactions.cpp
  FROM "written.states.push_back({lane.states->mark(), lane.states->write(to)});"
  TO "store::changes lost; written.states.push_back({lane.states->mark(), lane.states->write(lost)});")
weir_mistake(forgets_what_is_journaled SOURCE runtime/delivery/state_part.cpp
  FROM "if (!left_.empty() && left_.find(key, left)) {" TO "if (false) {")
weir_mistake(publishes_beside_its_transaction SOURCE actors/subscriber/subscriber_commit.cpp
  FROM "    parts = std::make_shared<transaction>(1 + begun.published.size());" TO "")
weir_mistake(flushes_half_a_transaction SOURCE actors/store/commit_groups.cpp
  FROM "  if (request.part_of) count(*request.part_of);" TO "")
weir_mistake(restart_skips_what_was_not_settled SOURCE runtime/topic/partition.cpp
  FROM "  reader.next_batch = number_of_batch_behind(reader.position());" TO "")
weir_mistake(forgets_the_fence SOURCE actors/node/producers.cpp
  FROM "if (!close_entrance(*former.entrance, until)) {" TO "if (false) {")
weir_mistake(takes_a_name_before_all_is_stored SOURCE actors/node/producers.cpp
  FROM "    if (ring == nullptr) continue;" TO "    continue;")
weir_mistake(loses_a_parked_event SOURCE runtime/delivery/consumer_parked.cpp
  FROM "  if (!parked && !policy_.park_key) return;"
  TO "  if (!policy_.park_key || letter.offset % 7 == 3) return;")
weir_mistake(overtakes_what_is_parked SOURCE runtime/delivery/consumer_parked.cpp
  FROM "  while (from < to && !is_blocked(lane, events.envelopes()[from])) ++from;"
  TO "  from = to;")
weir_mistake(forgets_who_waits_behind SOURCE runtime/delivery/parked_events.cpp
  FROM "  waiting.entries.pop_front();" TO "  waiting.entries.clear();")
