DROP TABLE repeated_requests;
