import { failure } from '../../diagnostics/index.ts'

/** Docker's rule for the names of containers, volumes and networks (moby `names.RestrictedNamePattern`). */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
const LONGEST = 255

/** The name without its leading slash, or NAME_INVALID. `noun` says whose name it is. */
export function checkName(noun: string, given: string): string {
  const name = given.replace(/^\//, '')
  if (!NAME.test(name) || name.length > LONGEST) {
    throw failure({
      code: 'NAME_INVALID',
      kind: 'invalidArgument',
      summary: `${noun} name ${JSON.stringify(given)} is not allowed`,
      facts: { noun, name: given },
      detail: 'want a letter or digit first, then at least one of letters, digits, "_", "." and "-"',
    })
  }
  return name
}

/** A network may have any name that is none but blanks: NAME_INVALID. */
export function checkNetworkName(name: string): string {
  if (name.trim() !== '' && name.trim() === name && !name.includes('\0')) return name
  throw failure({
    code: 'NAME_INVALID',
    kind: 'invalidArgument',
    summary: `network name ${JSON.stringify(name)} is not allowed`,
    detail: 'want a name that neither begins nor ends with a blank',
    facts: { noun: 'network', name },
  })
}
