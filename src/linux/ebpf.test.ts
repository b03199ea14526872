import { expect, test } from 'vitest'
import { EXIT, encodeInstructions, jump, jumpIfNull, load, loadMap, setTo, store } from './ebpf.ts'

const hex = (code: Uint8Array): string[] => Buffer.from(code).toString('hex').match(/.{16}/g) ?? []

test('instructions are eight bytes each: code, registers, offset, number', () => {
  expect(
    hex(encodeInstructions([load('u32', 2, 6, 36), store('u16', 10, -30, 2), setTo(4, -1), EXIT])),
  ).toEqual(['6162240000000000', '6b2ae2ff00000000', 'b7040000ffffffff', '9500000000000000'])
})

test('jumps lead forward by as many as lie between them and their label, and a map takes two', () => {
  const code = encodeInstructions([
    jumpIfNull(0, 'end'),
    ...loadMap(1, 1),
    jump('end'),
    { label: 'end' },
    EXIT,
  ])
  expect(hex(code)).toEqual([
    '1500030000000000',
    '1811000001000000',
    '0000000000000000',
    '0500000000000000',
    '9500000000000000',
  ])
})

test('a label that is nowhere is a mistake', () => {
  expect(() => encodeInstructions([jump('end')])).toThrow('end')
})
