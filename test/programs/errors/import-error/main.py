from helper import missing_name
