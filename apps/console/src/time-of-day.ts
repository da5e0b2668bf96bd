const withSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const withMilliseconds = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

/** An ISO 8601 time as the person's clock shows it; what is no time stays as it is. */
export const timeOfDay = (iso: string): string => format(withSeconds, iso);

/** The same with milliseconds, to tell notifications apart. */
export const preciseTimeOfDay = (iso: string): string => format(withMilliseconds, iso);

function format(formatter: Intl.DateTimeFormat, iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : formatter.format(time);
}
