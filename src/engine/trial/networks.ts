import type { NetworkCreateRequest } from '../../api/types/index.ts'
import { type Diagnostic, Failure } from '../../diagnostics/index.ts'
import { createNative, nativeErrorOf } from '../../native/index.ts'
import { driverNamed, hostOf } from '../../network/index.ts'

/**
 * What this machine has not that the network needs: links of its driver's kind, the parent. Nothing is made, and nothing found by who
 * may not ask the kernel. Codes: NETWORK_UNSUPPORTED, NETWORK_PARENT.
 */
export async function tryNetwork({ Driver, Options }: NetworkCreateRequest): Promise<readonly Diagnostic[]> {
  try {
    await driverNamed(Driver || 'bridge')?.checkMachine(hostOf(createNative()), { options: Options ?? {} })
    return []
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (nativeErrorOf(error)?.errno === 'EPERM') return []
    return error.diagnostics.map(each => ({ path: 'Driver', ...each }))
  }
}
