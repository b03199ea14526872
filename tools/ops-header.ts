// Renders native/ops.h from src/native/layout.ts.
import { writeFileSync } from 'node:fs'
import { renderOpsHeader } from '../src/native/ops-header.ts'

writeFileSync('native/ops.h', renderOpsHeader())
