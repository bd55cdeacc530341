// Licensed under the Apache License, Version 2.0; see LICENSE.

// Writes TC strings that the reference encoder makes of random consent, a line
// each: string, purposes, vendors with consent, VENDOR:PURPOSE closed to whom.
//
//   node t/record/tcf.mjs [LINES [SEED]] > t/corpus/tcf/reference.txt

import { createRequire } from 'node:module'

import { generator } from './random.mjs'
import { version } from './version.mjs'

const require = createRequire(import.meta.url)
const { GVL, PurposeRestriction, RestrictionType, TCModel, TCString } = require('@iabtechlabtcf/core')

const lines = Number(process.argv[2] ?? 60)
const VENDORS = 1200
const seed = Number(process.argv[3] ?? 1) >>> 0
const random = generator(seed)
const below = n => Math.floor(random() * n)
const maybe = chance => random() < chance

// A vendor list on which every vendor may rest any purpose on either ground, so
// that the encoder keeps what it is given.
function list () {
  const numbers = n => Array.from({ length: n }, (_, i) => i + 1)
  const named = n => Object.fromEntries(numbers(n).map(id => [id, { id, name: `${id}` }]))
  return new GVL({
    gvlSpecificationVersion: 3,
    vendorListVersion: 1 + below(300),
    tcfPolicyVersion: maybe(0.5) ? 4 : 5,
    lastUpdated: '2026-01-01T00:00:00Z',
    purposes: named(11),
    specialPurposes: named(2),
    features: named(3),
    specialFeatures: named(2),
    stacks: {},
    dataCategories: {},
    vendors: Object.fromEntries(numbers(VENDORS).map(id => [id, {
      id,
      name: `${id}`,
      purposes: numbers(11),
      legIntPurposes: [2, 7, 8, 9, 10, 11],
      flexiblePurposes: [2, 7, 8, 9, 10, 11],
      specialPurposes: [],
      features: [],
      specialFeatures: []
    }]))
  })
}

// Vendors in runs, so that some sets are shorter as ranges and some as bits.
function vendors (vector) {
  const set = []
  const max = maybe(0.2) ? 0 : 1 + below(VENDORS)
  const density = random() * random()
  for (let id = 1; id <= max; id++) {
    if (maybe(density)) {
      const run = maybe(0.3) ? 1 + below(60) : 1
      for (let end = Math.min(id + run, max + 1); id < end; id++) {
        vector.set(id)
        set.push(id)
      }
    }
  }
  return set
}

function restrict (model) {
  const closed = []
  // Nothing allowed can be closed on every purpose; a legal ground can be
  // chosen only for purposes that are flexible.
  const types = [RestrictionType.NOT_ALLOWED, RestrictionType.REQUIRE_CONSENT,
    RestrictionType.REQUIRE_LI]
  for (let n = below(8); n > 0; n--) {
    const type = types[below(3)]
    const purpose = type === RestrictionType.NOT_ALLOWED ? 2 + below(10) : [2, 7, 8, 9, 10, 11][below(6)]
    for (let k = 1 + below(6), id = 1 + below(50); k > 0; k--, id += maybe(0.5) ? 1 : 1 + below(40)) {
      model.publisherRestrictions.add(id, new PurposeRestriction(purpose, type))
    }
  }
  for (let id = 1; id <= 300; id++) {
    for (const r of model.publisherRestrictions.getRestrictions(id)) {
      if (r.restrictionType !== RestrictionType.REQUIRE_CONSENT) {
        closed.push(`${id}:${r.purposeId}`)
      }
    }
  }
  return closed
}

function one () {
  const model = new TCModel(list())
  const purposes = []
  model.cmpId = 2 + below(400)
  model.cmpVersion = below(4000)
  model.isServiceSpecific = true
  model.consentScreen = below(60)
  model.publisherCountryCode = 'DE'
  for (let p = 1; p <= 11; p++) {
    if (maybe(0.6)) {
      model.purposeConsents.set(p)
      purposes.push(p)
    }
    if (maybe(0.5)) model.purposeLegitimateInterests.set(p)
  }
  if (maybe(0.5)) model.specialFeatureOptins.set([1, 2])
  const consents = vendors(model.vendorConsents)
  vendors(model.vendorLegitimateInterests)
  vendors(model.vendorsDisclosed)
  if (maybe(0.3)) {
    model.publisherConsents.set([1, 3, 9])
    model.numCustomPurposes = 3
    model.publisherCustomConsents.set([2])
  }
  const closed = maybe(0.7) ? restrict(model) : []
  const text = TCString.encode(model, { isForSaving: maybe(0.5) })
  const row = [purposes, consents, [...new Set(closed)]].map(a => a.join(',') || '-')
  return `${text} ${row.join(' ')}`
}

console.log(`# @iabtechlabtcf/core ${version('@iabtechlabtcf/core')}, seed ${seed}`)
for (let i = 0; i < lines; i++) {
  console.log(one())
}
