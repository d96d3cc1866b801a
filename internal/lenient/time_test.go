package lenient_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// utc is 2024-05-01 10:00:00 UTC and some nanoseconds.
func utc(nanoseconds int) time.Time { return time.Date(2024, 5, 1, 10, 0, 0, nanoseconds, time.UTC) }

var times = map[string]time.Time{
	// numbers
	`1714557600`: utc(0), ` 1714557600 `: utc(0), `"1714557600"`: utc(0), `" 1714557600 "`: utc(0), `1714557600.0`: utc(0), `1.7145576e9`: utc(0),
	`1714557600.5`: utc(5e8), `1714557600.123456789`: utc(123456789), `1714557600.1234567899`: utc(123456789), `"1714557600.5"`: utc(5e8),
	`1714557600123`: utc(123e6), `"1714557600123"`: utc(123e6), `1714557600123.5`: utc(1235e5), `1.7145576e12`: utc(0),
	`1714557600123456`: utc(123456e3), `1714557600123456.7`: utc(1234567e2),
	`99999999999`: time.Unix(99999999999, 0), `100000000000`: time.UnixMilli(1e11), `1e11`: time.UnixMilli(1e11), `99999999999999`: time.UnixMilli(99999999999999),
	`1e14`: time.UnixMicro(1e14), `99999999999999999`: time.UnixMicro(99999999999999999),
	`1`: time.Unix(1, 0), `-1`: time.Unix(-1, 0), `-1.5`: time.Unix(-2, 5e8), `0.5`: time.Unix(0, 5e8), `1e-9`: time.Unix(0, 1), `-1714557600123`: time.UnixMilli(-1714557600123),
	`-62135596799`: time.Unix(-62135596799, 0),
	// nothing
	`0`: {}, `-0`: {}, `0.0`: {}, `"0"`: {}, `""`: {}, `" "`: {}, `null`: {}, `1e-10`: {}, `1e-99`: {}, `-62135596800`: {},
	`"0000-00-00 00:00:00"`: {}, `"0000-00-00"`: {}, `"0001-01-01T00:00:00Z"`: {}, `0e99`: {},
	// texts
	`"2024-05-01T10:00:00Z"`: utc(0), `"2024-05-01t10:00:00z"`: utc(0), `"2024-05-01T12:00:00+02:00"`: utc(0), `"2024-05-01T12:00:00+0200"`: utc(0),
	`"2024-05-01 12:00:00+02"`: utc(0), `"2024-05-01T10:00:00.123Z"`: utc(123e6), `"2024-05-01T10:00:00.123456789"`: utc(123456789), `"2024-05-01T10:00:00,5"`: utc(5e8),
	`"2024-05-01T10:00:00"`: utc(0), `"2024-05-01 10:00:00"`: utc(0), `"2024-05-01 10:00:00.5"`: utc(5e8), `"2024-05-01 10:00"`: utc(0), `"2024-05-01T10:00Z"`: utc(0),
	`" 2024-05-01T10:00:00Z\n"`: utc(0), `"2024-05-01T10:00:00\u005a"`: utc(0), `"20240501T100000Z"`: utc(0), `"20240501T100000"`: utc(0),
	`"2024-05-01"`: utc(0).Add(-10 * time.Hour), `"1969-12-31"`: time.Unix(-86400, 0),
}

var noTimes = []string{
	``, ` `, `false`, `true`, `[]`, `{}`, `[1714557600]`, `{"at":1714557600}`, `"soon"`, `"2024-13-01"`, `"2024-02-30"`, `"2024-05-01T25:00:00Z"`, `"NaN"`, `"Inf"`, `"0x5"`,
	`1e17`, `1714557600123456789`, `1e300`, `-1e17`, `1e999999999999999999999`, `-62135596801`, `-99999999999`, `"10000-01-01T00:00:00Z"`, `"0001-01-01T00:00:00+14:00"`,
	`"9999-12-31T23:59:59-23:59"`, `2024-05-01`, `"2024-05-01`, `"\"`, `"a"b"`, `"1714557600"1`, `01714557600`, `"null"`, `"-"`, `"."`, `nul`, `"10:00"`, `"May 1, 2024"`,
}

func TestTime(t *testing.T) {
	t.Parallel()
	for value, want := range times {
		got, ok := lenient.Time([]byte(value))
		assert.True(t, ok, value)
		if want.IsZero() {
			assert.Equal(t, time.Time{}, got, value)
		} else {
			assert.Equal(t, want.Local(), got, value)
		}
	}
	for _, value := range noTimes {
		got, ok := lenient.Time([]byte(value))
		assert.False(t, ok, value)
		assert.Zero(t, got, value)
	}
}

// TestTimeAtTheEnds has times whose year depends on the zone: they must be writable in UTC and in the local zone.
func TestTimeAtTheEnds(t *testing.T) { //nolint:paralleltest // it changes the local zone
	before := time.Local
	t.Cleanup(func() { time.Local = before })
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("east", 14*3600), time.FixedZone("west", -12*3600)} {
		time.Local = zone
		for _, value := range []string{`"9999-12-31T23:59:59Z"`, `"0001-01-01T00:00:01Z"`, `"9999-12-31T23:59:59-05:00"`, `-62135596799`} {
			got, ok := lenient.Time([]byte(value))
			assert.Equal(t, !ok, got.IsZero(), value)
			_, err := json.Marshal(got)
			require.NoError(t, err)
		}
	}
}
