//! The BareMetalHost and HardwareData custom resources: schemas, admission rules, names.
