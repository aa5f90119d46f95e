"""Reads a calendar with the libraries icalendar, vobject and dateutil, and says what they make of it.

Of icalendar and vobject it is what must stand in it and the texts, of icalendar and dateutil the times; each pair must agree.

The calendar comes by the standard input. Times are seconds since 1970; they are told by the VTIMEZONE in the calendar itself, never by
the time zones of the machine. Exit code 1, with the reason on the error stream: one of the libraries refuses it, or they disagree.
"""

import io
import json
import logging
import sys

import dateutil.tz
import icalendar
import vobject

# vobject complains of zones that it does not know by their name, though it reads them; nobody asks it for times.
logging.disable(logging.CRITICAL)


def zones_of_icalendar(calendar):
    zones = {}
    for zone in calendar.walk("VTIMEZONE"):
        try:
            zones[str(zone["TZID"])] = zone.to_tz(lookup_tzid=False)  # from version 6 on
        except TypeError:
            zones[str(zone["TZID"])] = zone.to_tz()
    return zones


def seconds(local, zone):
    """The instant of a wall-clock time; zones of pytz have a way of their own."""
    if hasattr(zone, "localize"):
        return zone.localize(local, is_dst=True).timestamp()
    return local.replace(tzinfo=zone, fold=0).timestamp()


def moment(prop, zones):
    if "TZID" in prop.params:
        return seconds(prop.dt.replace(tzinfo=None), zones[prop.params["TZID"]])
    if prop.dt.tzinfo is None:
        raise ValueError("a floating time")
    return prop.dt.timestamp()


def main():
    raw = sys.stdin.buffer.read()
    text = raw.decode("utf-8")
    calendar = icalendar.Calendar.from_ical(raw)
    for component in calendar.walk():
        if getattr(component, "errors", None):
            raise ValueError(f"{component.name}: {component.errors}")
        missing = [name for name in component.required if name not in component]
        if missing:
            raise ValueError(f"{component.name} lacks {missing}")
        doubled = [name for name in component.singletons if isinstance(component.get(name), list)]
        if doubled:
            raise ValueError(f"{component.name} has more than one {doubled}")

    ours = zones_of_icalendar(calendar)
    rules = dateutil.tz.tzical(io.StringIO(text.replace("\r\n", "\n")))
    theirs = {name: rules.get(name) for name in rules.keys()}
    if set(ours) != set(theirs):
        raise ValueError(f"zones: {sorted(ours)}, {sorted(theirs)}")

    other = vobject.readOne(text)
    other.validate(raiseException=True)
    others = {event.uid.value: event for event in getattr(other, "vevent_list", [])}

    events = []
    for event in calendar.walk("VEVENT"):
        uid = str(event["UID"])
        one = {"uid": uid, "summary": str(event["SUMMARY"]), "description": str(event.get("DESCRIPTION", "")), "transparent": str(event["TRANSP"]) == "TRANSPARENT"}
        for name in ("DTSTART", "DTEND"):
            times = {
                "icalendar": moment(event[name], ours),
                "dateutil": moment(event[name], theirs),
            }
            if len(set(times.values())) > 1:
                raise ValueError(f"{uid} {name}: {times}")
            one[name.lower()] = int(times["icalendar"])
        if others[uid].summary.value != one["summary"] or others[uid].description.value != one["description"]:
            raise ValueError(f"{uid}: the texts are not the same to all")
        events.append(one)
    if len(others) != len(events):
        raise ValueError("not all see the same events")

    json.dump({"name": str(calendar["X-WR-CALNAME"]), "zones": sorted(ours), "events": events}, sys.stdout)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # whatever it is, the calendar is at fault
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
