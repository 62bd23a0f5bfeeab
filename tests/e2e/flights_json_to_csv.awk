# SPDX-License-Identifier: BSD-3-Clause
# The sample's JSON array to the CSV that flights_witness.awk reads. Knows that no value holds a
# brace, a comma or an escape; any field order, any white space.
#   awk -f flights_json_to_csv.awk flights-20k.json > flights-20k.csv
BEGIN { RS = "}"; print "date,delay,distance,origin,destination" }

function value_of(name,    text) {
  if (!match($0, "\"" name "\"[ \t\r\n]*:[ \t\r\n]*")) return ""
  text = substr($0, RSTART + RLENGTH)
  sub(/[ \t\r\n]*,.*/, "", text)
  gsub(/[" \t\r\n]*$/, "", text)
  sub(/^"/, "", text)
  return text
}

/"date"/ {
  date = value_of("date")
  gsub("/", "-", date)
  print date "," value_of("delay") "," value_of("distance") "," value_of("origin") "," \
    value_of("destination")
}
