//! Annotations -> tables that databases, data frames and spreadsheets read.
