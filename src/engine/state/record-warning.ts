import type { Diagnostic } from '../../diagnostics/index.ts'
import type { BrokenRecord } from './record-files.ts'

/** The warning for a record that was set aside. */
export function brokenRecordWarning(noun: string, broken: BrokenRecord): Diagnostic {
  return {
    severity: 'warning',
    code: 'RECORD_BROKEN',
    summary: `${noun} record "${broken.path}" cannot be used: ${broken.reason}`,
    detail: `it lies at "${broken.movedTo}" now`,
  }
}
