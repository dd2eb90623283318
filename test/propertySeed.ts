import fc from 'fast-check';

// Loaded before each suite where PROPERTY_SEED is set: properties then try the same cases in every run.
const seed = Number(process.env.PROPERTY_SEED);
if (!Number.isSafeInteger(seed)) throw new Error('PROPERTY_SEED is a whole number');
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
