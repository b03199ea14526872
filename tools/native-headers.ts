// Renders native/core/ops.h from src/native/layout.ts.
import { writeFileSync } from 'node:fs'
import { renderOpsHeader } from '../src/native/ops-header.ts'

writeFileSync('native/core/ops.h', renderOpsHeader())
