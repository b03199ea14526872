export { findCycles } from './cycles.ts'
export { buildGraph, downstreamOf, type Graph, reverse, upstreamOf, type Vertex } from './graph.ts'
export { order } from './order.ts'
export { type VisitOutcome, type WalkOptions, type WalkResult, walk } from './walk.ts'
