"""The result of a whole video: expressions over time, as a table and as events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.recognition import (
    PROBABILITY_DIGITS,
    Faces,
    RunInfo,
    face_table,
    names_of,
    track_columns,
)
from fer_core.tracking import (
    COARSEST_STEP_S,
    SHORTEST_EVENT_S,
    Sampling,
    is_uninterrupted,
    segments_of,
)
from fer_core.video.reader import ClipFacts, FrameCounts

if TYPE_CHECKING:
    import pandas as pd

LONGEST_GAP_S: Final = 1.0
"""A face that is missed for longer starts a new event when it returns."""


@dataclass(frozen=True)
class Event:
    """One face showing one expression for some time.

    Attributes:
        track: track ID of the face.
        label: the expression.
        start_s: time of the first frame that shows it.
        end_s: time of the last frame that shows it.
        peak_s: time of its highest probability.
        peak: its highest probability.
    """

    track: int
    label: str
    start_s: float
    end_s: float
    peak_s: float
    peak: float

    def __str__(self) -> str:
        return f"{self.label} from {self.start_s:.1f} to {self.end_s:.1f} s"


@dataclass(frozen=True, eq=False)
class VideoTimeline(RunInfo):
    """The faces of a clip over time, with m analyzed frames and n sightings of faces.

    Attributes:
        clip: the metadata of the clip.
        counts: its decoded and lost frames.
        is_complete: False if the analysis was stopped before the end of the clip.
        frame_index: `(m,)` int64, indices of the analyzed frames, from 0.
        frame_timestamp_s: `(m,)` float64, their times.
        at: `(n,)` int64, the frame of a sighting, as an index into the two above; ascending.
        faces: the n sightings, tracked, with boxes in square pixels of the upright frame.
        notices: notices for the user about the clip's times and frames, in sentences.
    """

    clip: ClipFacts
    counts: FrameCounts
    is_complete: bool
    frame_index: NDArray[np.int64]
    frame_timestamp_s: NDArray[np.float64]
    at: NDArray[np.int64]
    faces: Faces
    notices: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.at)

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's classes."""
        return self.faces.labels

    @property
    def track(self) -> NDArray[np.int64]:
        """`(n,)`, the track ID of each sighting."""
        assert self.faces.track_id is not None
        return self.faces.track_id

    @property
    def timestamp_s(self) -> NDArray[np.float64]:
        """`(n,)`, the time of each sighting."""
        return self.frame_timestamp_s[self.at]

    @cached_property
    def sampling(self) -> Sampling:
        """How densely the clip was sampled, which limits what its events can show."""
        return Sampling.of_times(self.frame_timestamp_s)

    @cached_property
    def tracks(self) -> tuple[int, ...]:
        """The track IDs, those seen most often first."""
        numbers, counts = np.unique(self.track, return_counts=True)
        return tuple(int(number) for number in numbers[np.argsort(-counts, kind="stable")])

    def of_track(self, track: int) -> NDArray[np.int64]:
        """Returns the row indices of one face, in order of time."""
        return np.flatnonzero(self.track == track).astype(np.int64)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face and frame, with the columns of `face_columns.track_columns`."""
        import pandas as pd  # slow to import

        names = names_of(track_columns(self.labels, self.faces.action_units))
        place = {"timestamp_s": self.timestamp_s, "frame": self.frame_index[self.at]}
        return pd.DataFrame(face_table(self.faces, names, place, self))

    def events(
        self, *, shortest_s: float = SHORTEST_EVENT_S, longest_gap_s: float = LONGEST_GAP_S
    ) -> tuple[Event, ...]:
        """Returns the events in order of time.

        An event needs at least two analyzed frames, so there are none where these are far apart;
        see `sampling`.

        Args:
            shortest_s: shorter and uncertain segments are left out.
            longest_gap_s: a face that is missed for longer starts a new event.
        """
        events = [
            event
            for track in self.tracks
            for event in self._events_of(track, shortest_s, longest_gap_s)
        ]
        return tuple(sorted(events, key=lambda event: (event.start_s, event.track)))

    def events_frame(self) -> pd.DataFrame:
        """Returns one row per event: `track_id`, `prediction`, its times and peak, and the run."""
        import pandas as pd

        columns = ["track", "label", "start_s", "end_s", "peak_s", "peak"]
        frame = pd.DataFrame([asdict(event) for event in self.events()], columns=columns)
        return frame.rename(columns={"track": "track_id", "label": "prediction"}).assign(**self.run)

    def mixes_frame(self) -> pd.DataFrame:
        """Returns one row per face: the time it was seen, and its mean probabilities.

        Frames are weighted by duration, so a variable frame rate does not matter.
        """
        import pandas as pd

        weights = self._seconds_of_frames()[self.at]
        rows = []
        for track in self.tracks:
            at = self.of_track(track)
            times = self.timestamp_s[at]
            mean = np.average(self.faces.probabilities[at], axis=0, weights=weights[at])
            share = dict(zip((f"p_{label}" for label in self.labels), mean.tolist(), strict=True))
            seen: dict[str, Any] = {
                "track_id": track,
                "first_s": times[0],
                "last_s": times[-1],
                "frames": len(at),
            }
            rows.append(seen | share)
        columns = ["track_id", "first_s", "last_s", "frames"]
        frame = pd.DataFrame(rows, columns=columns + [f"p_{label}" for label in self.labels])
        return frame.assign(**self.run)

    def mix_over_time(self, track: int, *, points: int = 600) -> pd.DataFrame:
        """Returns one face's probabilities over time: `timestamp_s` and `p_<label>`.

        Args:
            track: track ID of the face.
            points: if there are more frames, they are averaged over equal intervals of time.

        Returns:
            One row per frame or interval in order of time; gaps, where the face was away or frames
            are missing, are rows without probabilities.
        """
        import pandas as pd

        at = self.of_track(track)
        names = [f"p_{label}" for label in self.labels]
        frame = pd.DataFrame(self.faces.probabilities[at].astype(np.float64), columns=names)
        times = self.timestamp_s[at]
        frame.insert(0, "timestamp_s", times)
        # Frames that are all far apart are still drawn one by one.
        longest_step_s = max(COARSEST_STEP_S, 1.5 * (self.sampling.step_s or 0.0))
        steps, gap_s = np.diff(self.at[at]), np.diff(times)
        is_joined = is_uninterrupted(gap_s, steps, LONGEST_GAP_S)
        is_joined |= (steps == 1) & (gap_s <= longest_step_s)
        part = np.append(0, np.cumsum(~is_joined))
        gaps = pd.DataFrame({"timestamp_s": (times[:-1] + gap_s / 2)[~is_joined]})
        if len(frame) > points:
            interval = np.linspace(times[0], times[-1], points + 1)[1:-1]
            # Gaps are found before averaging: the means of a long clip are far apart themselves.
            keys = [part, np.searchsorted(interval, times)]
            frame = frame.groupby(keys).mean().reset_index(drop=True)
        if gaps.empty:
            return frame
        return pd.concat([frame, gaps]).sort_values("timestamp_s", ignore_index=True)

    def to_json(self) -> str:
        """Returns everything as JSON text: metadata, tracks, events, and all rows."""
        return json.dumps(
            {
                "clip": asdict(self.clip),
                "frames": {
                    "total": self.counts.total,
                    "decoded": self.counts.decoded,
                    "dropped": self.counts.dropped,
                    "analyzed": len(self.frame_index),
                },
                "sampling": self.sampling.to_dict(),
                "is_complete": self.is_complete,
                "notices": list(self.notices),
                **self.run,
                "tracks": self._records(self.mixes_frame().round(PROBABILITY_DIGITS)),
                "events": self._records(self.events_frame()),
                "rows": self._records(self.to_frame()),
            },
            indent=1,
        )

    def _records(self, frame: pd.DataFrame) -> list[dict[Any, Any]]:
        """The rows of a table without the columns that are constant."""
        return frame.drop(columns=list(self.run)).to_dict("records")

    def _events_of(self, track: int, shortest_s: float, longest_gap_s: float) -> Iterator[Event]:
        rows = self.of_track(track)
        frames = self.at[rows]
        times = self.frame_timestamp_s[frames]
        # Uncertain frames form their own segments, which are then dropped.
        called = self.faces.predicted(self.threshold)[rows]
        samples = times.tolist(), frames.tolist(), called.tolist()
        for segment in segments_of(*samples, longest_gap_s, shortest_s=shortest_s):
            if segment.label < 0:
                continue
            of_segment = slice(segment.first, segment.first + segment.count)
            probability = self.faces.probabilities[rows[of_segment], segment.label]
            top = int(probability.argmax())
            yield Event(
                track=track,
                label=self.labels[segment.label],
                start_s=segment.start_s,
                end_s=segment.end_s,
                peak_s=float(times[of_segment][top]),
                peak=round(float(probability[top]), 6),
            )

    def _seconds_of_frames(self) -> NDArray[np.float64]:
        """Returns `(m,)`, the duration that each analyzed frame represents."""
        if len(self.frame_timestamp_s) < 2:
            return np.ones(len(self.frame_timestamp_s))
        steps = np.diff(self.frame_timestamp_s)
        # Frames with equal times have no duration; avoids a division by zero.
        return np.maximum(np.append(steps, np.median(steps)), 1e-6)
