# SPDX-License-Identifier: BSD-3-Clause
# An independent witness for the flights sample: the numbers its report must show, from the same
# records by POSIX awk, sharing nothing with the sample. For well-formed CSV only.
#   awk -f flights_witness.awk airports.csv flights.csv
# Prints key=value lines; worst is code:mean of up to three airports with 100 departures or more.
BEGIN { FS = ","; window = 20 }

{ sub(/\r$/, "") }
FNR == 1 { ++file; next }
file == 1 { known[$1] = 1; next }
$0 == "" { next }

{
  ++records
  delay = $2 + 0; from = $4; to = $5
  if (delay < -120 || delay > 1440 || !(from in known) || !(to in known)) { ++dead; next }
  ++enriched
  day = substr($1, 1, 10)
  if (!(day in day_count)) ++days
  ++day_count[day]
  if (!(from in flights)) ++airports
  total[from] += delay
  detect(from, delay, flights[from]++)
}

# `seen` is how many departures the airport had before this one; the ring's place is seen modulo 20.
function detect(airport, minutes, seen,    place) {
  place = airport " " (seen % window)
  if (seen >= window) recent[airport] -= ring[place]
  ring[place] = minutes
  recent[airport] += minutes
  if (seen + 1 < window) return
  if (!bad[airport] && recent[airport] >= 60 * window) { bad[airport] = 1; ++disrupted }
  else if (bad[airport] && recent[airport] < 15 * window) { bad[airport] = 0; ++recovered }
}

# The airport with the highest mean that is not taken yet; equal means by code.
function pick_worst(    airport, mean, best, best_mean) {
  best = ""
  for (airport in flights) {
    if (flights[airport] < 100 || airport in taken) continue
    mean = total[airport] / flights[airport]
    if (best == "" || mean > best_mean || (mean == best_mean && airport < best)) {
      best = airport; best_mean = mean
    }
  }
  if (best != "") { taken[best] = 1; return sprintf("%s:%.2f", best, best_mean) }
  return ""
}

END {
  printf "read=%d\ndead_letters=%d\nenriched=%d\n", records, dead, enriched
  printf "airports=%d\ndays=%d\ndisrupted=%d\nrecovered=%d\n", airports, days, disrupted, recovered
  for (i = 0; i < 3; ++i) {
    one = pick_worst()
    if (one != "") worst = worst (worst == "" ? "" : ",") one
  }
  printf "worst=%s\n", worst
}
