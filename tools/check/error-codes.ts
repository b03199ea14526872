import { readFileSync } from 'node:fs'
import { listFiles } from './modules.ts'

/** The page that says what each stable code means. */
export const CODES_PAGE = 'docs/errors.md'

/** Where a code is written: a `code` property or constant, or the first argument of something that reports. */
const PLACE =
  /\bcode(?:\?? ?:|\s=|\s\?\?)\s*|(?:\b|[.#])(?:error|warn|add|note|fail|problem|refused|report)\(\s*(?:'(?:error|warning)',\s*)?/gi

/** A code, alone or as the first arm of a choice: `'A'`, `cond ? 'A' : 'B'`, `other ?? 'A'`. */
const VALUE = /^(?:(?:[^'"`,;{}]|'')*\?\s*)?'([A-Z][A-Z0-9_]*)'(?:\s*:\s*'([A-Z][A-Z0-9_]*)')?/

/** A table from kinds to codes, as `src/client/modem/engine-failure.ts` has. */
const TABLED = /'(ENGINE_[A-Z_]+)'/g

/** The codes that a source file makes; comparisons such as `error.code === 'X'` make none. */
export function codesOf(text: string): string[] {
  const found = new Set<string>()
  for (const place of text.matchAll(PLACE)) {
    const value = VALUE.exec(text.slice(place.index + place[0].length, place.index + place[0].length + 300))
    for (const code of value?.slice(1) ?? []) if (code !== undefined) found.add(code)
  }
  for (const [, code] of text.matchAll(TABLED)) if (code !== undefined) found.add(code)
  return [...found].sort()
}

/** The codes of a page: the first column of its tables. */
export function documentedCodes(page: string): string[] {
  return [...page.matchAll(/^\| `([A-Z][A-Z0-9_]*)`/gm)].map(match => match[1] ?? '')
}

/** The rules of `lint` have a page of their own, docs/lint.md, that src/lint/lint.test.ts compares with them. */
const OTHER_PAGE = /^src\/lint\//

/** Every code that the sources below `folder` make, with the files that make it; tests and doubles are left out. */
export function readCodes(folder: string): Map<string, string[]> {
  const files = new Map<string, string[]>()
  for (const path of listFiles(folder, ['.ts'])) {
    if (/\.test\.ts$|\.test-support\.ts$|\.d\.ts$|\/testing\//.test(path) || OTHER_PAGE.test(path)) continue
    for (const code of codesOf(readFileSync(path, 'utf8')))
      files.set(code, [...(files.get(code) ?? []), path])
  }
  return files
}

/** One line for each code that the page lacks, has twice, or has although no source makes it. */
export function compareCodes(made: ReadonlyMap<string, readonly string[]>, page: string): string[] {
  const documented = documentedCodes(page)
  const lacking = [...made].filter(([code]) => !documented.includes(code))
  const stale = documented.filter(code => !made.has(code))
  const twice = documented.filter((code, at) => documented.indexOf(code) !== at)
  return [
    ...lacking.map(([code, files]) => `${CODES_PAGE}: ${code} of ${files[0]} is not explained`),
    ...stale.map(code => `${CODES_PAGE}: no source makes ${code}`),
    ...twice.map(code => `${CODES_PAGE}: ${code} is explained twice`),
  ]
}

/** Compares docs/errors.md with the sources below `folder`. */
export function checkErrorCodes(folder: string): string[] {
  return compareCodes(readCodes(folder), readFileSync(CODES_PAGE, 'utf8'))
}
