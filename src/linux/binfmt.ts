import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../diagnostics/index.ts'

const FOLDER = '/proc/sys/fs/binfmt_misc'
/** Files that are no handler. */
const OTHERS = new Set(['register', 'status'])
/** Where an ELF file says for which machine it is, and the machines in the words of OCI (`e_machine` of the ELF specification). */
const MACHINE_AT = 18
const MACHINES: Readonly<Record<number, string>> = {
  3: '386',
  21: 'ppc64le',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}

/**
 * Architectures, as OCI calls them, whose programs the kernel runs by a handler of binfmt_misc that works in every mount namespace
 * (flag F: its interpreter was opened when it was registered). None where the kernel has no such handlers, or nobody may look.
 */
export function emulatedArchitectures(folder: string = FOLDER): readonly string[] {
  const names = handlersIn(folder)
  return [...new Set(names.flatMap(name => architectureOf(readFileSync(join(folder, name), 'utf8'))))]
}

function handlersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(name => !OTHERS.has(name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EACCES') return []
    throw error
  }
}

function architectureOf(text: string): readonly string[] {
  const lines = text.split('\n')
  const flags = lines.find(line => line.startsWith('flags:')) ?? ''
  const magic = lines.find(line => line.startsWith('magic '))?.slice('magic '.length) ?? ''
  const bytes = Buffer.from(magic, 'hex')
  const isElf = bytes.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1')) && bytes.length > MACHINE_AT + 1
  if (lines[0] !== 'enabled' || !flags.slice('flags:'.length).includes('F') || !isElf) return []
  const isLittle = bytes[5] !== 2
  const machine = isLittle ? bytes.readUInt16LE(MACHINE_AT) : bytes.readUInt16BE(MACHINE_AT)
  const architecture = MACHINES[machine]
  return architecture === undefined ? [] : [architecture]
}
