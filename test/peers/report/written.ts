const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A figure for people: whole ones with commas. */
export const written = (value: number, digits: number): string =>
  digits === 0 ? whole.format(value) : value.toFixed(digits);
