import { statSync } from 'node:fs'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { isBound } from '../state/volume-record.ts'

type Options = Readonly<Record<string, string>>

/** Each option of the local driver, and those that it is nothing without. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
}

/**
 * The options of a volume of the driver local as its record keeps them: those of a bind of a host folder, or a file system
 * to mount, whose options mount(2) alone can judge: when the first container starts. VOLUME_OPTIONS, VOLUME_DEVICE.
 */
export function checkVolumeOptions(name: string, options: Options): Options {
  const unknown = Object.keys(options).find(key => !Object.hasOwn(NEEDS, key))
  if (unknown !== undefined)
    throw optionsFailure(`volume option "${unknown}" does not exist`, {
      rule: 'unknown',
      name,
      option: unknown,
    })
  if (isBound(options)) return checkBind(options)
  const missing = Object.keys(options)
    .flatMap(key => NEEDS[key] ?? [])
    .find(key => !options[key])
  if (missing === undefined) return options
  throw optionsFailure(`the volume option "${missing}" is missing`, {
    rule: 'missing',
    name,
    option: missing,
  })
}

function optionsFailure(summary: string, facts: Readonly<Record<string, string>>): Error {
  return failure({
    code: 'VOLUME_OPTIONS',
    kind: 'invalidArgument',
    summary,
    facts,
    hint: 'the local driver takes type=none, o=bind and device=/absolute/folder, or type, device and o of mount(8)',
  })
}

function checkBind({ o = '', device = '' }: Options): Options {
  if (!device.startsWith('/'))
    throw optionsFailure(`volume device "${device}" is not an absolute path`, { rule: 'relative' })
  try {
    if (statSync(device).isDirectory()) return { type: 'none', o, device }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  throw failure({
    code: 'VOLUME_DEVICE',
    kind: 'invalidArgument',
    summary: `volume device "${device}" is not a folder`,
    hint: 'make the folder first',
  })
}
