// Reads a calendar with ical.js, by the time zones that the calendar itself defines, and prints its events in UTC.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], "utf8")));
ICAL.TimezoneService.reset();
const zones = new Map(calendar.getAllSubcomponents("vtimezone").map((z) => [z.getFirstPropertyValue("tzid"), new ICAL.Timezone(z)]));
const moment = (event, name) => {
  const property = event.getFirstProperty(name);
  const time = property.getFirstValue();
  const zone = property.getParameter("tzid");
  if (zone && !zones.has(zone)) throw new Error(`no VTIMEZONE for ${zone}`);
  if (zone) time.zone = zones.get(zone);
  return new Date(time.toUnixTime() * 1000).toISOString();
};
console.log(JSON.stringify(calendar.getAllSubcomponents("vevent").map((e) => ({
  uid: e.getFirstPropertyValue("uid"),
  sequence: e.getFirstPropertyValue("sequence"),
  summary: e.getFirstPropertyValue("summary"),
  start: moment(e, "dtstart"),
  end: moment(e, "dtend"),
}))));
