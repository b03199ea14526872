const POWERS = 'kmgtp'

const SIZE = /^\+?((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?) ?(?:([kmgtp])(?:i?b)?|b)?$/i

/** Bytes of `64m`, `1.5g`, `2 GiB`, `100`, and a whole negative number; undefined when the text is no size. Units are powers of 1024. */
export function parseBytes(text: string): bigint | undefined {
  if (/^-[0-9]+$/.test(text)) return BigInt(text)
  const match = SIZE.exec(text)
  if (!match) return undefined
  const factor = 1024 ** (POWERS.indexOf((match[2] ?? '').toLowerCase() || '?') + 1)
  const amount = match[1] ?? ''
  const bytes = /^[0-9]+$/.test(amount)
    ? BigInt(amount) * BigInt(factor)
    : BigInt(Math.trunc(Number(amount) * factor))
  return bytes < 2n ** 63n ? bytes : undefined
}

/** Bytes as a file has them, exactly: `100m`, `1536`; `parseBytes` reads the same number. */
export function shortBytes(bytes: bigint): string {
  if (bytes <= 0n) return `${bytes}`
  let [amount, power] = [bytes, 0]
  for (; amount % 1024n === 0n && power < POWERS.length; power += 1) amount /= 1024n
  return `${amount}${power === 0 ? '' : POWERS[power - 1]}`
}

/** About how many bytes, for people, in powers of 1000: `12 kB`, `3.4 MB`. */
export function approximateBytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** A size as Docker tells it of images and traffic: three digits, in powers of 1000: `1.98MB`, `0B`. */
export function decimalBytes(bytes: number): string {
  return scaled(bytes, 1000, 3, ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'])
}

/** A size as Docker tells it of what takes room on the disk: four digits, in powers of 1000: `1.982MB`. */
export function storageBytes(bytes: number): string {
  return scaled(bytes, 1000, 4, ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'])
}

/** A size as Docker tells it of memory: four digits, in powers of 1024: `23.54GiB`. */
export function binaryBytes(bytes: number): string {
  return scaled(bytes, 1024, 4, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'])
}

function scaled(bytes: number, base: number, digits: number, units: readonly string[]): string {
  let [amount, power] = [bytes, 0]
  for (; amount >= base && power < units.length - 1; power += 1) amount /= base
  return `${Number(amount.toPrecision(digits))}${units[power]}`
}
