import {
  AND,
  JUMP,
  JUMP_ANY_BIT,
  JUMP_EQUAL,
  JUMP_GREATER,
  JUMP_GREATER_OR_EQUAL,
  LOAD,
  RETURN,
} from './bpf.ts'
import { type Abi, AUDIT_ARCH, callNumbers } from './calls.ts'

/** A system call as a filter sees it. */
export interface Call {
  readonly abi: Abi
  /** A name of the ABI's table, or a number. */
  readonly call: string | number
  readonly args?: readonly (number | bigint)[]
  /** Another `AUDIT_ARCH_*` value than the ABI's. */
  readonly arch?: number
}

/** Runs a filter on a call, as the kernel would, and says what it answers: for tests. */
export function evaluate(filter: Uint8Array, call: Call): string {
  const data = seccompData(call)
  const code = new DataView(filter.buffer, filter.byteOffset, filter.byteLength)
  let accumulator = 0
  for (let at = 0; at < filter.byteLength / 8; at += 1) {
    const operand = code.getUint32(at * 8 + 4, true)
    const jump = (taken: boolean): void => {
      at += code.getUint8(at * 8 + (taken ? 2 : 3))
    }
    switch (code.getUint16(at * 8, true)) {
      case LOAD:
        accumulator = data.getUint32(operand, true)
        break
      case AND:
        accumulator = (accumulator & operand) >>> 0
        break
      case JUMP:
        at += operand
        break
      case JUMP_EQUAL:
        jump(accumulator === operand)
        break
      case JUMP_GREATER:
        jump(accumulator > operand)
        break
      case JUMP_GREATER_OR_EQUAL:
        jump(accumulator >= operand)
        break
      case JUMP_ANY_BIT:
        jump((accumulator & operand) !== 0)
        break
      case RETURN:
        return nameOf(operand)
      default:
        throw new Error(`instruction ${at} has an unknown code`)
    }
  }
  throw new Error('the filter ends without an answer')
}

/** `struct seccomp_data { int nr; u32 arch; u64 ip; u64 args[6]; }` */
function seccompData(call: Call): DataView {
  const data = new DataView(new ArrayBuffer(64))
  const number = typeof call.call === 'number' ? call.call : callNumbers(call.abi).get(call.call)
  if (number === undefined) throw new Error(`${call.abi} has no call ${call.call}`)
  data.setUint32(0, number >>> 0, true)
  data.setUint32(4, call.arch ?? AUDIT_ARCH[call.abi], true)
  for (const [index, argument] of (call.args ?? []).entries())
    data.setBigUint64(16 + index * 8, BigInt.asUintN(64, BigInt(argument)), true)
  return data
}

function nameOf(value: number): string {
  const action = value & 0xffff0000
  if (action >>> 0 === 0x00050000) return `errno ${value & 0xffff}`
  const names: Readonly<Record<number, string>> = {
    2147418112: 'allow',
    2147483648: 'killProcess',
    0: 'killThread',
    196608: 'trap',
    2146435072: 'trace',
    2147221504: 'log',
  }
  return names[action >>> 0] ?? `unknown ${value}`
}
