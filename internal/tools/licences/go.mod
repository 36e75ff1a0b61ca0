module licences

go 1.26
