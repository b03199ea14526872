import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emulatedArchitectures } from './binfmt.ts'
import { memoryFolder } from './testing/memory-folder.ts'

let folder: string
beforeEach(() => {
  folder = memoryFolder('tscompose-binfmt-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ARM64 = '7f454c460201010000000000000000000200b700'
const S390X = '7f454c4602020100000000000000000000020016'

function handler(name: string, magic: string, flags: string, state = 'enabled'): void {
  writeFileSync(
    join(folder, name),
    `${state}\ninterpreter /usr/bin/${name}\nflags: ${flags}\noffset 0\nmagic ${magic}\nmask ff\n`,
  )
}

test('handlers whose interpreter is open count, whatever their name', () => {
  writeFileSync(join(folder, 'status'), 'enabled\n')
  writeFileSync(join(folder, 'register'), '')
  handler('qemu-aarch64', ARM64, 'POCF')
  handler('anything', S390X, 'F')
  handler('again', ARM64, 'F')
  expect([...emulatedArchitectures(folder)].sort()).toEqual(['arm64', 's390x'])
})

test('those that are off, want their interpreter in the container, or are of no machine do not', () => {
  handler('off', ARM64, 'F', 'disabled')
  handler('by-path', ARM64, 'OC')
  handler('python3.11', '6f0d0d0a', 'F')
  handler('short', '7f454c46', 'F')
  expect(emulatedArchitectures(folder)).toEqual([])
})

test('a machine without them has none', () => {
  expect(emulatedArchitectures(join(folder, 'none'))).toEqual([])
})
